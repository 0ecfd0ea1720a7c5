import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../common/messageOf.ts';
import { quoted } from '../common/quote.ts';

/** Certificates could not be created; the message says why and what to do. */
export class PkiError extends Error {
  override readonly name = 'PkiError';
}

export interface PkiOptions {
  /** Where to create them: an empty or a new folder. */
  readonly folder: string;
  /** Names and addresses of the host, valid by {@link isHost}, besides localhost and the machine's own name. */
  readonly hosts?: readonly string[];
  /** The vmemd command in the lines to try. */
  readonly program?: string;
  /** The openssl command. */
  readonly openssl?: string;
}

/** Returns whether a certificate can name it: an address, or a host name, which may contain `*` for a label. */
export const isHost = (name: string): boolean =>
  isIP(name) !== 0 || /^[a-z0-9*_.-]{1,253}$/i.test(name);

const DAYS = 365;

/**
 * Creates a CA, a host and a client certificate for trying TLS, laid out as in /etc/pki/vdsm. Returns the commands to
 * try next; throws {@link PkiError}.
 */
export async function initPki(options: PkiOptions): Promise<string> {
  const { hosts = [], program = 'vmemd', openssl = 'openssl' } = options;
  const folder = resolve(options.folder);
  const names = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...hosts])];
  await emptyFolders(folder);
  const make = (file: string, commonName: string, extensions: readonly string[]) =>
    certificate({ openssl, folder, file, commonName, extensions });
  await make('ca', 'vmemd trial CA', CA);
  await make('vdsm', hosts[0] ?? hostname(), [
    ...leaf('serverAuth,clientAuth'),
    alternatives(names),
  ]);
  await make('client', 'vmemd trial client', leaf('clientAuth'));
  return advice(folder, names, program);
}

async function emptyFolders(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    if ((await readdir(folder)).length > 0) {
      throw new PkiError(`${folder} is not empty: name a folder that is, or a new one.`);
    }
    for (const each of ['keys', 'certs']) await makeFolder(join(folder, each));
    await chmod(folder, 0o700);
  } catch (cause) {
    if (cause instanceof PkiError) throw cause;
    const reason = messageOf(cause);
    throw new PkiError(`${folder} cannot be created (${reason}): its parent must exist.`, {
      cause,
    });
  }
}

/** Creates one folder without its parents: in /proc, Node would retry endlessly. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
  });
}

const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

const leaf = (usage: string): string[] => [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature,keyEncipherment',
  `extendedKeyUsage=${usage}`,
  'authorityKeyIdentifier=keyid',
];

const alternatives = (names: readonly string[]): string => {
  const entries = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`);
  return `subjectAltName=${entries.join(',')}`;
};

interface CertificateRequest {
  readonly openssl: string;
  readonly folder: string;
  /** The prefix of its file names. */
  readonly file: string;
  readonly commonName: string;
  readonly extensions: readonly string[];
}

async function certificate({
  openssl,
  folder,
  file,
  commonName,
  extensions,
}: CertificateRequest): Promise<void> {
  const key = (name: string): string => join(folder, 'keys', `${name}key.pem`);
  const cert = (name: string): string => join(folder, 'certs', `${name}cert.pem`);
  const issuer = file === 'ca' ? [] : ['-CA', cert('ca'), '-CAkey', key('ca')];
  const made = ['-keyout', key(file), '-out', cert(file), '-days', String(DAYS), ...issuer];
  // X.509 limits a common name to 64 characters
  const subject = `/O=vmemd trial/CN=${commonName.slice(0, 64)}`;
  const added = [...extensions, 'subjectKeyIdentifier=hash'].flatMap((each) => ['-addext', each]);
  const args = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-subj', subject, ...made];
  // the machine's openssl.cnf could add extensions
  await run(openssl, ['req', '-config', '/dev/null', ...args, ...added]);
  await chmod(key(file), 0o600);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args).catch((cause: unknown) => {
    const { code, stderr = '', message } = cause as Error & { code?: unknown; stderr?: string };
    const isMissing = typeof code === 'string';
    // openssl prints its progress as dots
    const words = stderr.split('\n').filter((line) => !/^[-.+*]*$/.test(line));
    throw new PkiError(
      isMissing ?
        `${command} cannot be run (${message}): install OpenSSL 3.`
      : `${command} failed: ${words.join(' ')}`,
      { cause },
    );
  });
}

function advice(folder: string, names: readonly string[], program: string): string {
  const client = program === 'vmemd' ? 'vmemctl' : './vmemctl';
  return `Made a CA, a host and a client certificate for ${String(DAYS)} days, of ${names.join(', ')}.
They are for trying TLS only: the CA's key is in the same folder.

  Serve every address of this machine with them:
    ${program} --pki ${quoted(folder)} --listen '[::]:54321'
  See which VMs there are, from another terminal:
    ${client} --host wss://localhost:54321 --pki ${quoted(folder)} list
`;
}
