import { isAbsolute } from 'node:path';
import { errorCode, errorDomain } from './errorNumbers.ts';
import { LibvirtError } from './error.ts';

/** The target of a connection URI: sockets in the order to try, and the name that the daemon opens. */
export interface Address {
  readonly sockets: readonly string[];
  readonly name: string;
}

/** The facts beside the URI that decide which sockets are tried. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
}

/** Returns the environment of this process, with `env` in place of its variables. */
export const environmentOf = (env: Environment['env'] = process.env): Environment => ({
  env,
  isRoot: process.getuid?.() === 0,
});

const SYSTEM_FOLDER = '/run/libvirt';
/** sun_path of Linux has 108 bytes with its end. */
const LONGEST_PATH = 107;

/** Daemons of a single driver; libvirtd and virtproxyd serve all drivers on `libvirt-sock`. */
const modularDaemons: Readonly<Record<string, string>> = {
  bhyve: 'virtbhyved',
  ch: 'virtchd',
  lxc: 'virtlxcd',
  qemu: 'virtqemud',
  vz: 'virtvzd',
  xen: 'virtxend',
};

/** Drivers that a daemon runs; those of other products' hosts run in the client, and are remote. */
const drivers = new Set([...Object.keys(modularDaemons), 'openvz', 'test', 'vbox', 'vmware']);
/** Paths of drivers that have no others. */
const paths: Readonly<Record<string, readonly string[]>> = { qemu: ['/system', '/session'] };

function sessionFolder(env: Environment['env']): string | undefined {
  if (env['XDG_RUNTIME_DIR']) return `${env['XDG_RUNTIME_DIR']}/libvirt`;
  return env['HOME'] ? `${env['HOME']}/.cache/libvirt` : undefined;
}

function folders(path: string, { env, isRoot }: Environment): readonly string[] {
  const session = sessionFolder(env);
  if (path === '/session') return session === undefined ? [] : [session];
  if (path === '/system' || isRoot || session === undefined) return [SYSTEM_FOLDER];
  return [session, SYSTEM_FOLDER];
}

function parse(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || !/^[a-z]+(?:\+unix)?:$/.test(url.protocol) || url.host !== '') throw wrongUri(uri);
  if (url.hash !== '') throw wrongUri(uri, `${url.hash} has no meaning`);
  return url;
}

function wrongUri(uri: string, reason?: string): LibvirtError {
  const is = `'${uri}' is not a libvirt URI of this host${reason === undefined ? '' : ` (${reason})`}`;
  return new LibvirtError(`${is}; write it as qemu:///system or test:///default?socket=/path.`, {
    code: errorCode.invalidArg,
    domain: errorDomain.rpc,
  });
}

/**
 * Resolves the sockets of a local URI such as `qemu:///session` or `test:///default?socket=/path`; throws LibvirtError.
 */
export function resolveAddress(uri: string, environment: Environment): Address {
  const url = parse(uri);
  const driver = url.protocol.replace(/(?:\+unix)?:$/, '');
  if (!drivers.has(driver)) throw wrongUri(uri, `there is no driver ${driver}`);
  if (!(paths[driver]?.includes(url.pathname) ?? true)) {
    throw wrongUri(uri, `${driver} has no ${url.pathname}`);
  }
  const { socket, mode = 'auto' } = parameters(uri, url);
  const name = `${driver}://${url.pathname}`;
  if (socket !== undefined) return { sockets: [socket], name };
  const daemon = modularDaemons[driver];
  const names = [
    ...(daemon && mode !== 'legacy' ? [`${daemon}-sock`] : []),
    ...(mode === 'direct' ? [] : ['libvirt-sock']),
  ];
  if (names.length === 0) throw wrongUri(uri, `${driver} has no daemon of its own`);
  const sockets = folders(url.pathname, environment).flatMap((folder) =>
    names.map((each) => `${folder}/${each}`),
  );
  return { sockets, name };
}

/** Those of libvirt's parameters that a local connection has, with what is wrong with a value. */
const known: Readonly<Record<string, (value: string) => string | undefined>> = {
  socket: (path) => {
    if (!isAbsolute(path)) return 'socket must be an absolute path';
    if (Buffer.byteLength(path) <= LONGEST_PATH) return undefined;
    return `the path of a socket has at most ${String(LONGEST_PATH)} bytes`;
  },
  mode: (mode) =>
    ['auto', 'direct', 'legacy'].includes(mode) ? undefined : 'mode is auto, direct or legacy',
};

/** Returns the parameters; refuses unknown ones, since a misspelled socket would lead to another libvirt. */
function parameters(uri: string, { search }: URL): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  // a plus stands for itself in libvirt's URIs, names ignore case
  for (const [given, value] of new URLSearchParams(search.replaceAll('+', '%2B'))) {
    const name = given.toLowerCase();
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    const reason =
      check ?
        check(value)
      : `there is no parameter ${given}, only ${Object.keys(known).join(' and ')}`;
    if (reason !== undefined) throw wrongUri(uri, reason);
    if (Object.hasOwn(found, name)) throw wrongUri(uri, `${name} is given twice`);
    found[name] = value;
  }
  return found;
}
