import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { afterEach, expect, test } from '@jest/globals';
import { clientOf } from '../../../src/server/peer/client.ts';
import { localUser } from '../../../src/server/peer/localUser.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server's end of a connection from this process. */
async function accepted(listen: string, to: string): Promise<{ end: Socket; client: Socket }> {
  const server = createServer().listen(0, listen);
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, to);
  const [end] = await connected;
  closing.push(() => {
    client.destroy();
    end.destroy();
    server.close();
  });
  return { end, client };
}

test.each([
  ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
  ['::', '127.0.0.1', '127.0.0.1'],
  ['::', '::1', '::1'],
])('of a client at %s reached by %s, address and local user are known', async (at, to, address) => {
  const { end } = await accepted(at, to);
  const client = clientOf(end, 'rest', 'read');
  expect(client).toMatchObject({ transport: 'rest', address, certificate: undefined });
  expect(await client.user()).toBe(userInfo().username);
});

test('the kernel is asked once for a connection', async () => {
  const { end } = await accepted('127.0.0.1', '127.0.0.1');
  const { user } = clientOf(end, 'rest', 'read');
  expect(user()).toBe(user());
});

test('a client that has disconnected has no user', async () => {
  const { end, client } = await accepted('127.0.0.1', '127.0.0.1');
  client.destroy();
  await once(end.resume(), 'close');
  expect(await clientOf(end, 'rest', 'read').user()).toBeUndefined();
});

const from = (remoteAddress: string) => ({
  localAddress: '127.0.0.1',
  localPort: 54_321,
  remoteAddress,
  remotePort: 40_000,
});

test('a client on another machine has no user, and no file is read for it', async () => {
  const read = () => Promise.reject(new Error('read'));
  expect(await localUser(from('192.0.2.1'), read)).toBeUndefined();
});

test('without the tables of the kernel there is no user', async () => {
  const read = () => Promise.reject(new Error('ENOENT'));
  expect(await localUser(from('127.0.0.1'), read)).toBeUndefined();
});
