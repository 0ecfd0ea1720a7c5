/** The names in a client's certificate, which the CA has signed. */
export interface CertificateNames {
  readonly cn: readonly string[];
  readonly ou: readonly string[];
  /** DNS names, addresses, mail addresses and URIs. */
  readonly san: readonly string[];
}

/** A user of this machine, as the kernel and the user database know them. */
export interface LocalUser {
  readonly uid: number;
  /** `uid 1000` for a user without a name. */
  readonly name: string;
  /** Names and ids. */
  readonly groups: readonly string[];
}

/** Names clients: by a part of their certificate, or by a local user or group. */
export interface Rule {
  readonly kind: keyof CertificateNames | 'user' | 'group';
  readonly pattern: string;
}

/** Returns the rule of a text as `cn:engine.example.com`; undefined if it is none. */
export function readRule(text: string): Rule | undefined {
  const [, kind, pattern] = /^(cn|ou|san|user|group):(\S(?:.*\S)?)$/i.exec(text) ?? [];
  if (kind === undefined || pattern === undefined) return undefined;
  return { kind: kind.toLowerCase() as Rule['kind'], pattern };
}

/** Returns the rule of a local user's name or id, or of a group with `@` before it; undefined if it is none. */
export function readUser(text: string): Rule | undefined {
  const [, at, pattern] = /^(@?)([A-Za-z0-9_][A-Za-z0-9_.\\-]*\$?)$/.exec(text) ?? [];
  return pattern === undefined ? undefined : { kind: at === '@' ? 'group' : 'user', pattern };
}

/** Returns whether a rule names a certificate; `*` stands for any characters, and case does not matter. */
export const namesCertificate = ({ kind, pattern }: Rule, names: CertificateNames): boolean =>
  kind !== 'user' && kind !== 'group' && names[kind].some((name) => fits(name, pattern));

/** Returns whether a rule names a local user or one of their groups, by name or id. */
export function namesUser({ kind, pattern }: Rule, { uid, name, groups }: LocalUser): boolean {
  if (kind === 'user') return pattern === name || pattern === String(uid);
  return kind === 'group' && groups.includes(pattern);
}

/** Compares part by part, so that no pattern takes more than linear time per part. */
function fits(name: string, pattern: string): boolean {
  const text = name.toLowerCase();
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.endsWith(last) && text.length - last.length >= at;
}
