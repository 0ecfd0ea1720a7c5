import { constants, createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { messageOf } from '../../common/messageOf.ts';
import { checkChain, readCertificates } from './chain.ts';
import { trialHandshake } from './trialHandshake.ts';

/** The certificate and key of a TLS server, and its CA. */
export interface Credentials {
  readonly context: SecureContextOptions;
  /** When the server's certificate expires. */
  readonly expiry: Date;
  /** Returns whether the server's certificate is valid for this host name. */
  readonly isNamed: (name: string) => boolean;
}

/** Credentials that cannot be used; the message names the file, the cause and what to do. */
class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** Paths below a PKI folder, as in VDSM. */
export const files = {
  key: 'keys/vdsmkey.pem',
  cert: 'certs/vdsmcert.pem',
  ca: 'certs/cacert.pem',
} as const;

/**
 * Reads key, certificate and CA, and checks that they can serve: that clients which trust the CA accept them. Returns
 * undefined if none of the files exists; throws {@link CredentialsError} if they are unusable.
 */
export async function readCredentials(folder: string): Promise<Credentials | undefined> {
  try {
    const read = (name: string) => readIfPresent(folder, name);
    const [key, cert, ca] = await Promise.all([read(files.key), read(files.cert), read(files.ca)]);
    if (!key && !cert && !ca) return undefined;
    if (!key || !cert || !ca) {
      throw new Error(`${(!key && files.key) || (!cert && files.cert) || files.ca} is missing`);
    }
    return await checked({ key, cert, ca });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new CredentialsError(`The certificates in ${folder} cannot be used: ${reason}.`, {
      cause,
    });
  }
}

async function readIfPresent(folder: string, name: string): Promise<Buffer | undefined> {
  try {
    const path = join(folder, name);
    // reading a pipe or a device might never end
    const file = await stat(path);
    if (!file.isFile() && !file.isDirectory()) throw new Error('it is no regular file');
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${name} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function checked(pem: Record<keyof typeof files, Buffer>): Promise<Credentials> {
  const own = readCertificates(files.cert, pem.cert);
  const [certificate] = own.certificates;
  if (!certificate) throw new Error(`${files.cert} is empty`);
  const trusted = readCertificates(files.ca, pem.ca);
  checkKey(readKey(pem.key), certificate);
  checkChain(own, trusted, new Date());
  const context: SecureContextOptions = {
    ...pem,
    minVersion: 'TLSv1.2',
    // a resumed session would skip the check of the client's certificate, even after the CA has changed
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  await tryOut(context, pem.ca);
  return {
    context,
    expiry: new Date(certificate.validTo),
    isNamed: (name) => certificate.checkHost(name) !== undefined,
  };
}

function readKey(pem: Buffer): KeyObject {
  const text = pem.toString('latin1');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    const is = pem.length === 0 ? 'is empty' : 'holds no private key in PEM';
    throw new Error(`${files.key} ${is}; give "-----BEGIN PRIVATE KEY-----" and what follows`);
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPTED/m.test(text)) {
    throw new Error(`${files.key} has a passphrase; store it without one, as by openssl pkey`);
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error(`${files.key} cannot be read (${messageOf(cause)})`, { cause });
  }
}

function checkKey(key: KeyObject, certificate: X509Certificate): void {
  if (certificate.checkPrivateKey(key)) return;
  const mine = String(key.asymmetricKeyType);
  const its = String(certificate.publicKey.asymmetricKeyType);
  const why =
    mine === its ? 'key values mismatch' : `a key of ${mine}, and a certificate of ${its}`;
  throw new Error(
    `${files.key} is not the key of the first certificate in ${files.cert} (${why}); put the two that belong together there`,
  );
}

/** Throws if OpenSSL does not accept the credentials, or a client that trusts the CA refuses them. */
async function tryOut(context: SecureContextOptions, ca: Buffer): Promise<void> {
  try {
    await trialHandshake(createSecureContext(context), ca);
  } catch (cause) {
    const { reason = messageOf(cause) } = cause as { readonly reason?: string };
    const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? '';
    throw new Error(`clients would refuse ${files.cert} with ${files.key}: ${reason}${advice}`, {
      cause,
    });
  }
}

/** What to do about reasons of OpenSSL. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /certificate purpose/,
    '; issue the certificate for servers, with extendedKeyUsage serverAuth and keyUsage digitalSignature, or with neither',
  ],
  [/key too small/, '; issue it for a key of RSA with 2048 bits or more, or of EC'],
  [/md too weak/, '; issue it, and those of the CAs above it, with a signature over SHA-256'],
];
