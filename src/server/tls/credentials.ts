import { constants, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { messageOf } from '../../common/messageOf.ts';

/** The certificate and key of a TLS server, and its CA. */
export interface Credentials {
  readonly context: SecureContextOptions;
  /** When the server's certificate expires. */
  readonly expiry: Date;
  /** Returns whether the server's certificate is valid for this host name. */
  readonly isNamed: (name: string) => boolean;
}

/** Paths below a PKI folder, as in VDSM. */
export const files = {
  key: 'keys/vdsmkey.pem',
  cert: 'certs/vdsmcert.pem',
  ca: 'certs/cacert.pem',
} as const;

/** Reads and checks key, certificate and CA. Returns undefined if none of the files exists; throws if they are unusable. */
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
    throw new Error(`The certificates in ${folder} cannot be used: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

const unlessAbsent = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
};

function checked(pem: Record<keyof typeof files, Buffer>): Credentials {
  const context: SecureContextOptions = {
    ...pem,
    minVersion: 'TLSv1.2',
    // a resumed session would skip the check of the client's certificate, even after the CA has changed
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  // OpenSSL accepts a CA file without a certificate as an empty list
  new X509Certificate(pem.ca);
  createSecureContext(context);
  const own = new X509Certificate(pem.cert);
  return {
    context,
    expiry: new Date(own.validTo),
    isNamed: (name) => own.checkHost(name) !== undefined,
  };
}
