import type { Socket } from 'node:net';
import { isLoopback } from '../../common/loopback.ts';

type Peer = Pick<Socket, 'remoteAddress'>;

/**
 * Which of those that wait, oldest first, makes room for a newcomer where all places are taken: the oldest that is not
 * of this machine, since an honest client does not wait for long; this machine's own peers make room only for each
 * other. Undefined where the newcomer has to go.
 */
export function placeFor<T extends Peer>(newcomer: Peer, waiting: Iterable<T>): T | undefined {
  let own: T | undefined;
  for (const each of waiting) {
    if (!isOwn(each)) return each;
    own ??= each;
  }
  return isOwn(newcomer) ? own : undefined;
}

const isOwn = ({ remoteAddress = '' }: Peer): boolean => isLoopback(remoteAddress);
