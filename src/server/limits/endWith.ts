import type { Duplex } from 'node:stream';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** How long a client may take to close its end after the text was sent. */
const CLOSE_TIMEOUT = Milliseconds(1000);

/**
 * Sends a text and ends a connection, of which nothing more is read; destroys it if the client does not close its end
 * within 1 s.
 */
export function endWith(socket: Duplex, text: string, clock: Clock): void {
  const cancel = clock.after(CLOSE_TIMEOUT, () => socket.destroy());
  socket.once('close', cancel).on('error', () => {
    socket.destroy();
  });
  // unread bytes would turn the end into a reset, which can overtake the text
  socket.resume();
  socket.end(text);
}
