import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { CA, Certificates, LEAF } from '../../support/certificates.ts';

type Credentials = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;

const CLIENT = [...LEAF, 'extendedKeyUsage=clientAuth'];

/** Certificates of vmemd, of a client that may connect, and of clients that may not. */
export class HostilePki {
  readonly #all = new Certificates();

  constructor(addresses: readonly string[]) {
    const names = ['DNS:localhost', 'IP:127.0.0.1', ...addresses.map((each) => `IP:${each}`)];
    const server = [
      ...LEAF,
      'extendedKeyUsage=serverAuth,clientAuth',
      `subjectAltName=${names.join(',')}`,
    ];
    this.#all.make('ca', { extensions: CA });
    this.#all.make('vdsm', { issuer: 'ca', extensions: server });
    this.#all.make('client', { issuer: 'ca', extensions: CLIENT });
    this.#all.use('vdsm', ['vdsm'], ['ca']);
  }

  /** Laid out for vmemd. */
  get folder(): string {
    return this.#all.folder;
  }

  get client(): Credentials {
    return this.#credentials('client');
  }

  /** The files of the client's certificate. */
  get files() {
    const path = (name: string): string => join(this.folder, name);
    return { ca: path('ca.pem'), cert: path('client.pem'), key: path('client.key') };
  }

  /** Makes certificates that must not let a client in, by what is wrong with them. */
  refused(): Readonly<Record<string, Credentials>> {
    const all = this.#all;
    const past = ['20200101000000Z', '20210101000000Z'] as const;
    const future = ['20980101000000Z', '20991231000000Z'] as const;
    all.make('other-ca', { extensions: CA });
    all.make('of-another-ca', { issuer: 'other-ca', extensions: CLIENT });
    all.make('self-signed', { extensions: CLIENT });
    all.make('expired', { issuer: 'ca', extensions: CLIENT, dates: past });
    all.make('not-yet-valid', { issuer: 'ca', extensions: CLIENT, dates: future });
    all.make('of-a-server', { issuer: 'ca', extensions: [...LEAF, 'extendedKeyUsage=serverAuth'] });
    all.make('of-a-leaf', { issuer: 'client', extensions: CLIENT });
    const names = [
      'of-another-ca',
      'self-signed',
      'expired',
      'not-yet-valid',
      'of-a-server',
      'of-a-leaf',
    ];
    return {
      none: { ca: this.#read('ca.pem') },
      ...Object.fromEntries(names.map((name) => [name, this.#credentials(name)])),
    };
  }

  remove(): void {
    this.#all.remove();
  }

  #credentials(name: string): Credentials {
    return {
      ca: this.#read('ca.pem'),
      cert: this.#read(`${name}.pem`),
      key: this.#read(`${name}.key`),
    };
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }
}
