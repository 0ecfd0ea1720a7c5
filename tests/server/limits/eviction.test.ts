import { expect, test } from '@jest/globals';
import { evictFor } from '../../../src/server/limits/eviction.ts';

const peer = (remoteAddress: string | undefined) => ({ remoteAddress });
const [stranger, other, own, mapped] = ['192.0.2.1', '2001:db8::1', '::1', '::ffff:127.0.0.1'].map(
  peer,
);

test.each([
  ['of two strangers the older makes room', stranger, [own, other, stranger], other],
  ['this machine’s own peer makes no room for a stranger', stranger, [own, mapped], undefined],
  ['a stranger makes room for this machine’s own peer', own, [mapped, stranger], stranger],
  ['of this machine’s own peers the older makes room', own, [mapped, own], mapped],
  ['who is gone already makes room first', own, [peer(undefined), stranger], peer(undefined)],
  ['where nobody waits there is no room', own, [], undefined],
])('%s', (_, newcomer, waiting, expected) => {
  const present = waiting.filter((each) => each !== undefined);
  expect(evictFor(newcomer ?? peer(undefined), present)).toEqual(expected);
});
