import type { Socket } from 'node:net';
import { isLoopback } from '../../common/loopback.ts';

type Peer = Pick<Socket, 'remoteAddress'>;

/**
 * Returns the waiting connection to close for a newcomer when the limit is reached, of `waiting`, oldest first: the
 * oldest from another machine, since an honest client does not wait long; connections of this machine are closed only
 * for each other. Undefined if the newcomer is to be closed.
 */
export function evictFor<T extends Peer>(newcomer: Peer, waiting: Iterable<T>): T | undefined {
  let own: T | undefined;
  for (const each of waiting) {
    if (!isOwn(each)) return each;
    own ??= each;
  }
  return isOwn(newcomer) ? own : undefined;
}

const isOwn = ({ remoteAddress = '' }: Peer): boolean => isLoopback(remoteAddress);
