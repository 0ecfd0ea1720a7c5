import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateOptions {
  /** The file name of the issuer, made before; the certificate itself by default. */
  readonly issuer?: string;
  /** Arguments of `openssl req -newkey`: the kind of key. */
  readonly key?: readonly string[];
  readonly extensions?: readonly string[];
  /** First and last moment, as `20200101000000Z`. */
  readonly dates?: readonly [string, string];
}

export const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
export const LEAF = ['basicConstraints=critical,CA:FALSE'];

const DATES = ['20200101000000Z', '20991231000000Z'] as const;

/** A folder in which certificates are made one from another, and laid out as a PKI folder. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmemd-certificates-'));

  constructor() {
    for (const name of ['keys', 'certs']) mkdirSync(join(this.folder, name));
  }

  /** Makes NAME.key and NAME.pem. */
  make(
    name: string,
    { issuer = name, key, extensions = LEAF, dates = DATES }: CertificateOptions,
  ): void {
    const kind = key ?? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const request = ['-newkey', ...kind, '-nodes', '-subj', `/CN=${name}`, '-config', '/dev/null'];
    this.openssl('req', '-new', ...request, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(join(this.folder, 'ca.cnf'), configuration(extensions));
    writeFileSync(join(this.folder, 'index.txt'), '');
    const signer =
      issuer === name ?
        ['-selfsign', '-keyfile', `${name}.key`]
      : ['-cert', `${issuer}.pem`, '-keyfile', `${issuer}.key`];
    const [from, to] = dates;
    const validity = ['-startdate', from, '-enddate', to];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`];
    this.openssl('ca', '-batch', '-config', 'ca.cnf', '-notext', ...signer, ...validity, ...files);
  }

  /** Lays out these files as key, certificate (with its chain) and CA. */
  use(key: string, certificates: readonly string[], ca: readonly string[]): void {
    const joined = (names: readonly string[]): string =>
      names.map((name) => this.read(`${name}.pem`)).join('');
    this.write('keys/vdsmkey.pem', this.read(`${key}.key`));
    this.write('certs/vdsmcert.pem', joined(certificates));
    this.write('certs/cacert.pem', joined(ca));
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  write(name: string, content: string | Buffer): void {
    writeFileSync(join(this.folder, name), content);
  }

  openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const configuration = (extensions: readonly string[]): string => `[ca]
default_ca = ca_default
[ca_default]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
unique_subject = no
policy = policy
x509_extensions = extensions
[policy]
commonName = supplied
[extensions]
subjectKeyIdentifier = hash
${extensions.map((each) => each.replace('=', ' = ')).join('\n')}
`;
