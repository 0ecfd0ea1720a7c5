import { connect, type ConnectionOptions } from 'node:tls';
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

/** The longest time that a newcomer has taken, in ms. */
export const longest = { newcomer: 0 };

/** Connects with a certificate and asks for a page; returns what is wrong with how that went. */
export async function newcomer({ pki, port, pid }: Service): Promise<string | undefined> {
  const [began, waited] = [performance.now(), processorTimes(pid).wait];
  const options: ConnectionOptions = {
    ...pki.client,
    ...far(),
    port,
    checkServerIdentity: () => undefined,
  };
  const received = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(options, () => socket.write(HEALTH));
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
  const time = performance.now() - began - (processorTimes(pid).wait - waited);
  longest.newcomer = Math.max(longest.newcomer, time);
  if (!received.startsWith('HTTP/1.1 200 ')) {
    return `a newcomer with a certificate got: ${received || 'nothing'}`;
  }
  return time > AT_ONCE_MS ?
      `a newcomer with a certificate waited ${time.toFixed(0)} ms`
    : undefined;
}
