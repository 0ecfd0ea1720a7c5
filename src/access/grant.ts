import { type AccessClass, highest } from './accessClass.ts';
import {
  type CertificateNames,
  type LocalUser,
  namesCertificate,
  namesUser,
  type Rule,
} from './rule.ts';

/** What a connection may do, or a sentence that says why it may do nothing. */
export type Grant = { readonly access: AccessClass } | { readonly refusal: string };

export interface AccessSettings {
  /** Who has which class; of several that apply the highest counts. */
  readonly rules: Readonly<Record<AccessClass, readonly Rule[]>>;
  /** The class of a certificate that no rule names. */
  readonly certificate: AccessClass | 'none';
  /** Local users and groups that may connect without a certificate. */
  readonly localUsers: readonly Rule[];
  /** The class of those that no rule of a class names. */
  readonly local: AccessClass;
  /** The class of clients of the unix socket, which its permissions choose. */
  readonly unixSocket: AccessClass;
  /** The class of a local user that is named nowhere; undefined if such users may not connect. */
  readonly unnamed: AccessClass | undefined;
  /** The user that vmemd runs as. */
  readonly ownUid: number | undefined;
}

/** Returns what a client of TLS may do. */
export function grantCertificate(names: CertificateNames, settings: AccessSettings): Grant {
  const named = classBy(settings, (rule) => namesCertificate(rule, names));
  const access = named ?? settings.certificate;
  return access === 'none' ? { refusal: NO_CERTIFICATE_RULE } : { access };
}

/** Returns what a user of this machine may do without TLS; `user` is undefined if the kernel does not tell who it is. */
export function grantUser(user: LocalUser | undefined, settings: AccessSettings): Grant {
  const { localUsers, local, unnamed, ownUid } = settings;
  if (user && (user.uid === 0 || user.uid === ownUid)) return { access: 'admin' };
  const access =
    (user && classBy(settings, (rule) => namesUser(rule, user))) ??
    (user && localUsers.some((rule) => namesUser(rule, user)) ? local : unnamed);
  if (access !== undefined) return { access };
  return { refusal: user ? refusalOf(user) : UNKNOWN_USER };
}

/** Returns whether the class of local users depends on who they are. */
export const dependsOnUser = ({ rules, unnamed }: AccessSettings): boolean =>
  unnamed === undefined ||
  Object.values(rules).some((some) => some.some(({ kind }) => kind === 'user' || kind === 'group'));

const classBy = (
  { rules }: AccessSettings,
  applies: (rule: Rule) => boolean,
): AccessClass | undefined =>
  highest((['read', 'operate', 'admin'] as const).filter((each) => rules[each].some(applies)));

const OR_ELSE = 'connect with TLS and a client certificate, or by the unix socket';

const refusalOf = ({ name }: LocalUser): string =>
  `The local user ${name} may not connect without a certificate: ${OR_ELSE}, or add the user to [rpc] local_users.`;

const UNKNOWN_USER = `The kernel does not tell which local user connects without a certificate: ${OR_ELSE}.`;

const NO_CERTIFICATE_RULE =
  'This certificate has no class: name it in [access] read, operate or admin, or set [access] default_certificate.';
