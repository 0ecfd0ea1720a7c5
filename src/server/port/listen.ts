import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { HostPort } from '../../common/endpoint.ts';

/** An address to listen on; `localhost` is both loopback addresses of the machine, port 0 any free port. */
export type Endpoint = HostPort;

type OnConnection = (socket: Socket) => void;

/** Returns where a server listens, with the actual port number. */
export const endpointOf = (server: Server): Endpoint => {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
};

/** Listens on all addresses that an endpoint stands for; rejects if it cannot on one of them. */
export async function listenAll({ host, port }: Endpoint, accept: OnConnection): Promise<Server[]> {
  if (host === '::') return [await listenDual(port, accept)];
  if (host !== 'localhost') return [await listen({ host, port }, accept)];
  const first = await listen({ host: '127.0.0.1', port }, accept);
  const second = { host: '::1', port: endpointOf(first).port };
  try {
    return [first, await listen(second, accept)];
  } catch (error) {
    if (isWithoutIPv6(error)) return [first];
    first.close();
    throw error;
  }
}

/** Listens on all addresses of the machine, or of IPv4 if it has no IPv6. */
async function listenDual(port: number, accept: OnConnection): Promise<Server> {
  try {
    return await listen({ host: '::', port }, accept);
  } catch (error) {
    if (!isWithoutIPv6(error)) throw error;
    return listen({ host: '0.0.0.0', port }, accept);
  }
}

const isWithoutIPv6 = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');

/** Keepalive finds clients that are lost without a trace. */
const SOCKETS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

function listen(endpoint: Endpoint, accept: OnConnection): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(SOCKETS, accept);
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const { code } = cause;
      reject(Object.assign(new Error(listenError(endpoint, cause), { cause }), { code }));
    });
    server.listen(endpoint, () => {
      resolve(server);
    });
  });
}

function listenError({ host, port }: Endpoint, { code, message }: NodeJS.ErrnoException): string {
  const place = `${host}, port ${String(port)}`;
  if (code === 'EADDRINUSE') {
    return `${place}, is in use: end what listens there, perhaps another vmemd, or choose another port with --listen.`;
  }
  if (code === 'EADDRNOTAVAIL') {
    return `${host} is no address of this machine: choose another with --listen, or '[::]:54321' for all.`;
  }
  return `Cannot listen at ${place}: ${message}`;
}
