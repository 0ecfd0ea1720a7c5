import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { initPki } from '../../src/cli/pki.ts';

/** A folder of certificates, and what a client of theirs needs. */
export interface Pki {
  readonly folder: string;
  readonly client: ConnectionOptions;
  remove(): void;
}

/** Certificates of a CA of their own, in a folder of their own. */
export async function makePki(hosts: readonly string[] = []): Promise<Pki> {
  const folder = mkdtempSync(join(tmpdir(), 'vmemd-pki-'));
  await initPki({ folder, hosts });
  const read = (name: string) => readFileSync(join(folder, name));
  return {
    folder,
    client: {
      ca: read('certs/cacert.pem'),
      cert: read('certs/clientcert.pem'),
      key: read('keys/clientkey.pem'),
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}
