import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Notification } from '../../tests/support/wsClient.ts';

/** Calls its listener for each event. Returns a function that removes it. */
export type Source<E> = (listener: (event: E) => void) => () => void;

/** Time limit for a guest's change and the event about it. */
const DEADLINE_MS = 30_000;

/** Resolves with the time, of performance.now(), of the next event that fits; to be called before its cause. */
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
      reject(new Error('an expected event did not arrive'));
    }, DEADLINE_MS);
  });
  // The caller may fail before it awaits this promise.
  came.catch(() => undefined);
  return came;
}

/** All notifications on a WebSocket, as soon as they are read. */
export const notifications =
  (socket: WebSocket): Source<Notification> =>
  (listener) => {
    const take = (data: Buffer): void => {
      listener(JSON.parse(data.toString()) as Notification);
    };
    socket.on('message', take);
    return () => socket.off('message', take);
  };

/** Subscribes to events about VMs. */
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
