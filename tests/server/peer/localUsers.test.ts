import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import type { LocalUser } from '../../../src/access/rule.ts';
import { LocalUsers } from '../../../src/server/peer/localUsers.ts';
import { deferred } from '../../support/server.ts';

const root: LocalUser = { uid: 0, name: 'root', groups: [] };

test('the kernel is asked once for a connection, by whomever', async () => {
  let asked = 0;
  const users = new LocalUsers(() => Promise.resolve((asked += 1) ? root : undefined));
  const [one, other] = [new Socket(), new Socket()];
  expect(await Promise.all([one, one, other].map(users.of))).toEqual([root, root, root]);
  expect(asked).toBe(2);
});

test('once waits have ended, only users who are known already are known', async () => {
  const late = deferred<LocalUser | undefined>();
  const replies = [Promise.resolve(root), late.promise, Promise.resolve(root)];
  const users = new LocalUsers(() => replies.shift() ?? late.promise);
  const [known, waiting, newcomer] = [new Socket(), new Socket(), new Socket()];
  expect(await users.of(known)).toBe(root);
  const user = users.of(waiting);
  users.endWaits();
  expect(await user).toBeUndefined();
  expect(await users.of(newcomer)).toBeUndefined();
  expect(await users.of(known)).toBe(root);
  late.resolve(root);
  expect(await users.of(waiting)).toBeUndefined();
});
