import { constants, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** What a TLS server shows and trusts. */
export interface Credentials {
  readonly context: SecureContextOptions;
  /** When the server's own certificate ends. */
  readonly expiry: Date;
  /** Whether the server's own certificate is that of a host of this name. */
  readonly isNamed: (name: string) => boolean;
}

/** The files below a PKI folder, as VDSM lays them out. */
export const files = {
  key: 'keys/vdsmkey.pem',
  cert: 'certs/vdsmcert.pem',
  ca: 'certs/cacert.pem',
} as const;

/** Reads and checks key, certificate and CA; undefined where none of them is there; throws where they cannot be used. */
export async function readCredentials(folder: string): Promise<Credentials | undefined> {
  const read = (name: string) => readFile(join(folder, name)).catch(unlessAbsent);
  const [key, cert, ca] = await Promise.all([read(files.key), read(files.cert), read(files.ca)]);
  if (!key && !cert && !ca) return undefined;
  try {
    if (!key || !cert || !ca) {
      throw new Error(`${(!key && files.key) || (!cert && files.cert) || files.ca} is missing`);
    }
    return checked({ key, cert, ca });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`The certificates in ${folder} cannot be used: ${message}.`, { cause });
  }
}

const unlessAbsent = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
};

function checked(pem: Record<keyof typeof files, Buffer>): Credentials {
  const context: SecureContextOptions = {
    ...pem,
    minVersion: 'TLSv1.2',
    // a resumed session would keep what an earlier handshake found, also after the CA has changed
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  // OpenSSL takes a CA file without a certificate in it for an empty list
  new X509Certificate(pem.ca);
  createSecureContext(context);
  const own = new X509Certificate(pem.cert);
  return {
    context,
    expiry: new Date(own.validTo),
    isNamed: (name) => own.checkHost(name) !== undefined,
  };
}
