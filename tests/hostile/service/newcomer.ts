import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type ConnectionOptions, TLSSocket } from 'node:tls';
import { processorTimes } from './processorTimes.ts';
import { NETWORK, type Service } from './service.ts';

/** How long a newcomer may take until it has its response, without the time that vmemd waits for a processor. */
const AT_ONCE_MS = 2000;
const PATIENCE_MS = 30_000;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** The address of the daemon for clients of other machines, and of one that is not hostile. */
export const far = (): { readonly host: string; readonly localAddress?: string } =>
  NETWORK === undefined ?
    { host: '127.0.0.1' }
  : { host: `${NETWORK}.1`, localAddress: `${NETWORK}.9` };

/** The longest times that newcomers have taken, in ms. */
export const longest = { withCertificate: 0, ofThisMachine: 0 };

/**
 * Connects with a certificate, and without one from this machine, and asks for a page; returns what is wrong with how that
 * went.
 */
export async function newcomer({ pki, port, pid }: Service): Promise<string | undefined> {
  const options: ConnectionOptions = { ...pki.client, checkServerIdentity: () => undefined };
  return (
    (await welcome('withCertificate', pid, () => connect({ ...options, ...far(), port }))) ??
    welcome('ofThisMachine', pid, () => connectTcp({ host: '127.0.0.1', port }))
  );
}

async function welcome(
  who: keyof typeof longest,
  pid: number,
  open: () => Socket,
): Promise<string | undefined> {
  const [began, waited] = [performance.now(), processorTimes(pid).wait];
  const received = await response(open());
  const time = performance.now() - began - (processorTimes(pid).wait - waited);
  longest[who] = Math.max(longest[who], time);
  if (!received.startsWith('HTTP/1.1 200 '))
    return `a newcomer ${who} got: ${received || 'nothing'}`;
  return time > AT_ONCE_MS ? `a newcomer ${who} waited ${time.toFixed(0)} ms` : undefined;
}

/** Returns what a server sends, or why the connection failed. */
function response(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () =>
      socket.write(HEALTH),
    );
    const timer = setTimeout(() => socket.destroy(new Error('it took too long')), PATIENCE_MS);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', (error: Error) => {
      text ||= error.message;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
