import { join } from 'node:path';
import type { Target, TlsFiles } from '../../client/index.ts';
import { type HostPort, readEndpoint } from '../../common/endpoint.ts';
import { isLoopback } from '../../common/loopback.ts';
import { UsageError } from '../exit.ts';
import type { GlobalOptions } from '../globals.ts';
import type { LocalDaemon } from './localDaemon.ts';
import { tlsFiles } from './tlsFiles.ts';

/** A daemon to connect to. */
export interface HostAddress {
  /** Its name for people. */
  readonly name: string;
  /** The ways to it; the first that works is used. */
  readonly targets: readonly Target[];
}

/** Returns the daemons that the options name, or this machine's. Throws {@link UsageError}. */
export function hostsOf(options: GlobalOptions, local: LocalDaemon): readonly HostAddress[] {
  const { insecure = false, pki, ca, cert, key } = options;
  if (insecure && [pki, ca, cert, key].some((each) => each !== undefined)) {
    throw new UsageError('--insecure connects without certificates: leave out one of the options.');
  }
  const port = options.port ?? local.port;
  if (options.host.length === 0)
    return [{ name: 'localhost', targets: ownTargets(options, local) }];
  const names = [...new Set(options.host)];
  return names.map((name) => ({ name, targets: targetsOf(name, port, options) }));
}

function targetsOf(text: string, port: number, options: GlobalOptions): readonly Target[] {
  if (text.startsWith('/')) return [{ kind: 'unix', path: text }];
  if (text.startsWith('unix:')) return [{ kind: 'unix', path: text.slice('unix:'.length) }];
  const isUrl = /^(wss?):\/\/(.*)$/.exec(text);
  if (isUrl) {
    const [, scheme, place = ''] = isUrl;
    const endpoint = readPlace(place.replace(/\/$/, ''), port);
    return [scheme === 'ws' ? { kind: 'plain', ...endpoint } : tls(endpoint, options)];
  }
  return remote(readPlace(text, port), options);
}

/** Returns the ways to an endpoint: with TLS, and to this machine's first without, as no certificate is needed. */
function remote(endpoint: HostPort, options: GlobalOptions): readonly Target[] {
  const plain: Target = { kind: 'plain', ...endpoint };
  if (options.insecure) return [plain];
  const encrypted = tls(endpoint, options);
  return namesCredentials(options) || !isOwn(endpoint.host) ? [encrypted] : [plain, encrypted];
}

function ownTargets(options: GlobalOptions, local: LocalDaemon): readonly Target[] {
  const endpoint = { host: local.address, port: options.port ?? local.port };
  const others = remote(endpoint, options).filter(
    ({ kind }) => kind !== 'tls' || namesCredentials(options) || local.hasPki,
  );
  const isAsked = options.port !== undefined || options.insecure || namesCredentials(options);
  if (local.socket === undefined || isAsked) return others;
  return [{ kind: 'unix', path: local.socket }, ...others];
}

const namesCredentials = ({ pki, ca, cert, key }: GlobalOptions): boolean =>
  [pki, ca, cert, key].some((each) => each !== undefined);

const tls = (endpoint: HostPort, options: GlobalOptions): Target => ({
  kind: 'tls',
  files: filesOf(options),
  ...endpoint,
});

function filesOf({ pki, ca, cert, key }: GlobalOptions): TlsFiles {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key belong together: give both.');
  }
  const files = tlsFiles(pki ?? join('/', 'etc', 'pki', 'vdsm'));
  return { ca: ca ?? files.ca, cert: cert ?? files.cert, key: key ?? files.key };
}

const HOST = /^[a-z0-9._-]+$|^[0-9a-f:.]+(%\w+)?$/i;

function readPlace(text: string, port: number): HostPort {
  const bare = /^\[([^\]]+)\]$/.exec(text)?.[1] ?? text;
  const endpoint = readEndpoint(bare, port);
  if (HOST.test(endpoint.host) && endpoint.port >= 1 && endpoint.port <= 65_535) return endpoint;
  throw new UsageError(
    `--host: "${text}" is no host; write HOST, HOST:PORT, [ADDRESS]:PORT, a ws:// or wss:// URL, or the path of a unix socket.`,
  );
}

const isOwn = (host: string): boolean => host === 'localhost' || isLoopback(host);
