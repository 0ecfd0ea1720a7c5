import type { PeerCertificate } from 'node:tls';
import type { Fault } from './errors.ts';
import type { Target } from './target.ts';

/** Why a connection failed, and whether a daemon refused it. */
export interface Reason {
  readonly reason: string;
  readonly isRefused: boolean;
  readonly fault?: Fault | undefined;
}

/** A file for TLS cannot be read. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

interface NetworkError extends Error {
  readonly code?: string;
  readonly cert?: PeerCertificate;
}

/** Returns an error of the network or of TLS in words. */
export function reasonOf(error: NetworkError, target: Target): Reason {
  const { code = '', message } = error;
  const refused = REFUSED.find(([pattern]) => pattern.test(`${code} ${message}`));
  if (refused && target.kind === 'tls') return { reason: refused[1], isRefused: true };
  const reason = ofCertificate(error, target) ?? ofNetwork(code, message);
  return { reason, isRefused: false, fault: faultOf(error) };
}

function faultOf(error: NetworkError): Fault | undefined {
  const { code = '', message } = error;
  if (error instanceof FileError || code === NOT_ITS_KEY || isNoPem(message)) return 'own-files';
  return OTHER_CA.has(code) || code.includes('CERT_') ? 'daemon-certificate' : undefined;
}

const NOT_ITS_KEY = 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
const isNoPem = (message: string): boolean => message.includes('PEM');

/** What a daemon's TLS says of this client's certificate. */
const REFUSED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/alert.certificate.expired/i, "this client's certificate has expired"],
  [/alert.unknown.ca/i, "this client's certificate is not of the CA that the daemon trusts"],
  [/alert.certificate.required/i, 'the daemon asks for a certificate'],
  [
    /alert.(bad.|unsupported.)?certificate/i,
    "the daemon does not accept this client's certificate",
  ],
  [
    /ECONNRESET|socket hang up/,
    "the daemon ended the connection, perhaps as it does not accept this client's certificate",
  ],
];

function ofCertificate(error: NetworkError, target: Target): string | undefined {
  if (target.kind !== 'tls') return undefined;
  const { code = '', message } = error;
  const { ca, cert, key } = target.files;
  if (OTHER_CA.has(code)) return `the daemon's certificate is not of the CA in ${ca}`;
  if (code === NOT_ITS_KEY) return `${key} is not the key of ${cert}`;
  if (isNoPem(message)) return `${ca}, ${cert}, ${key}: one of them is no PEM file`;
  return TLS[code]?.(target.host, error.cert);
}

const OTHER_CA: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const noTls = (): string => 'TLS is not spoken there';

const TLS: Readonly<Record<string, (host: string, cert: PeerCertificate | undefined) => string>> = {
  CERT_HAS_EXPIRED: () => "the daemon's certificate has expired",
  CERT_NOT_YET_VALID: () => "the daemon's certificate is not valid yet; compare the clocks",
  ERR_TLS_CERT_ALTNAME_INVALID: (host, cert) =>
    `the daemon's certificate is not for the name ${host}${names(cert)}`,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
};

const names = (cert: PeerCertificate | undefined): string =>
  cert?.subjectaltname === undefined ? '' : ` but for ${cert.subjectaltname}`;

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be resolved now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTSOCK: 'it is no socket',
};

function ofNetwork(code: string, message: string): string {
  if (message === 'Opening handshake has timed out') return 'it does not answer';
  if (message === 'socket hang up') return 'it ended the connection';
  return NETWORK[code] ?? message;
}
