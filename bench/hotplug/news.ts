import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Notification } from '../../tests/support/wsClient.ts';

/** Calls its listener for each event until the answer is called. */
export type Source<E> = (listener: (event: E) => void) => () => void;

/** What a guest may take to do what it is asked for, and everybody to hear of it. */
const DEADLINE_MS = 30_000;

/** When the next event that fits came, on performance.now(); to be called before what causes it. */
export function next<E>(source: Source<E>, fits: (event: E) => boolean): Promise<number> {
  const came = new Promise<number>((resolve, reject) => {
    const end = (): void => {
      stop();
      clearTimeout(giveUp);
    };
    const stop = source((event) => {
      const now = performance.now();
      if (!fits(event)) return;
      end();
      resolve(now);
    });
    const giveUp = setTimeout(() => {
      end();
      reject(new Error('an event that was waited for did not come'));
    }, DEADLINE_MS);
  });
  // who is to await it may have failed before
  came.catch(() => undefined);
  return came;
}

/** All that a daemon tells those who are connected by WebSocket, as soon as it is read. */
export const notifications =
  (socket: WebSocket): Source<Notification> =>
  (listener) => {
    const take = (data: Buffer): void => {
      listener(JSON.parse(data.toString()) as Notification);
    };
    socket.on('message', take);
    return () => socket.off('message', take);
  };

/** Lets the daemon tell it about VMs. */
export async function subscribe(socket: WebSocket): Promise<void> {
  const request = {
    jsonrpc: '2.0',
    id: 1,
    method: 'Events.subscribe',
    params: { events: ['|virt|*'] },
  };
  socket.send(JSON.stringify(request));
  await once(socket, 'message');
}
