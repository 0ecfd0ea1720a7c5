import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../../client/index.ts';

/** Returns the files of a folder laid out as /etc/pki/vdsm; a client's own certificate there goes before the host's. */
export function tlsFiles(folder: string): TlsFiles {
  const named = (name: string): Omit<TlsFiles, 'ca'> => ({
    cert: join(folder, 'certs', `${name}cert.pem`),
    key: join(folder, 'keys', `${name}key.pem`),
  });
  const client = named('client');
  const ca = join(folder, 'certs', 'cacert.pem');
  return { ca, ...(existsSync(client.cert) ? client : named('vdsm')) };
}
