import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CA, Certificates, LEAF } from '../support/certificates.ts';

/** Certificates of one CA for hosts and clients, each in a folder laid out as /etc/pki/vdsm. */
export class FleetCertificates {
  readonly #all = new Certificates();

  constructor() {
    this.#all.make('ca', { extensions: CA });
  }

  /** Makes a host's certificate; returns its folder. */
  host(name: string, address: string): string {
    const names = `subjectAltName=DNS:${name},IP:${address}`;
    return this.#make(name, 'vdsm', ['extendedKeyUsage=serverAuth,clientAuth', names]);
  }

  /** Makes a client's certificate; returns its folder. */
  client(name: string): string {
    return this.#make(name, 'client', ['extendedKeyUsage=clientAuth']);
  }

  #make(name: string, prefix: string, extensions: readonly string[]): string {
    this.#all.make(name, { issuer: 'ca', extensions: [...LEAF, ...extensions] });
    const folder = join(this.#all.folder, `of-${name}`);
    for (const each of ['keys', 'certs']) mkdirSync(join(folder, each), { recursive: true });
    const copy = (file: string, to: string) =>
      copyFileSync(join(this.#all.folder, file), join(folder, to));
    copy(`${name}.key`, `keys/${prefix}key.pem`);
    copy(`${name}.pem`, `certs/${prefix}cert.pem`);
    copy('ca.pem', 'certs/cacert.pem');
    return folder;
  }

  remove(): void {
    this.#all.remove();
  }
}

/** The files of a client's folder. */
export const clientFiles = (folder: string) => ({
  ca: join(folder, 'certs/cacert.pem'),
  cert: join(folder, 'certs/clientcert.pem'),
  key: join(folder, 'keys/clientkey.pem'),
});
