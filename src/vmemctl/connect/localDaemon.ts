import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEndpoint } from '../../common/endpoint.ts';
import { isLoopback } from '../../common/loopback.ts';

/** Where this machine's daemon is. */
export interface LocalDaemon {
  /** Its unix socket; undefined if the configuration turns it off. */
  readonly socket: string | undefined;
  readonly address: string;
  readonly port: number;
  /** Whether there are certificates to connect with. */
  readonly hasPki: boolean;
}

const SOCKET = 'run/vmemd/vmemd.sock';
const PORT = 54_321;

/** Returns the place of this machine's daemon by its configuration, or by the defaults if that cannot be read. */
export async function localDaemon(root = '/'): Promise<LocalDaemon> {
  const usual = {
    socket: join(root, SOCKET),
    address: 'localhost',
    port: PORT,
    hasPki: existsSync(join(root, 'etc/pki/vdsm/certs/cacert.pem')),
  };
  if (!existsSync(join(root, 'etc/vmemd'))) return usual;
  // validating a configuration takes longer to load than most commands take to run
  const { loadConfig } = await import('../../config/config.ts');
  try {
    const { addresses, rpc } = loadConfig({ root, insecureListen: true });
    const endpoints = addresses.management_ip.map((each) =>
      readEndpoint(each, addresses.management_port),
    );
    const [first] = endpoints;
    const own = endpoints.find(({ host }) => LOCAL.has(host) || isLoopback(host)) ?? first;
    const { unix_socket: socket } = rpc;
    return {
      ...usual,
      socket:
        socket === 'auto' ? usual.socket
        : socket === 'none' ? undefined
        : socket,
      address: own && !LOCAL.has(own.host) ? own.host : usual.address,
      port: own && own.port !== 0 ? own.port : PORT,
    };
  } catch {
    // the daemon reports what is wrong with it; this user may not even be able to read it
    return usual;
  }
}

/** What includes the loopback addresses. */
const LOCAL: ReadonlySet<string> = new Set(['localhost', '::', '0.0.0.0']);
