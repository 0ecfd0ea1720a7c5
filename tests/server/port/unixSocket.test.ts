import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openUnixSocket } from '../../../src/server/port/unixSocket.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-socket-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

async function open(path: string, group = ''): Promise<Server> {
  const server = await openUnixSocket({ path, group }, (socket) => {
    socket.on('error', () => undefined).end('served');
  });
  servers.push(server);
  return server;
}

async function read(path: string): Promise<string> {
  let text = '';
  for await (const chunk of connect(path)) text += String(chunk);
  return text;
}

test('its owner and group may connect, in a folder that is made', async () => {
  const path = join(folder, 'run', 'vmemd.sock');
  await open(path, String(process.getgid?.()));
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o755);
  expect(await read(path)).toBe('served');
});

test('it is removed when the server closes', async () => {
  const path = join(folder, 'vmemd.sock');
  const server = await open(path);
  await new Promise((resolve) => server.close(resolve));
  expect(existsSync(path)).toBe(false);
});

test('a socket that a killed process left behind is replaced', async () => {
  const path = join(folder, 'vmemd.sock');
  const listen = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('ready'))`;
  const killed = spawn(process.execPath, ['-e', listen]);
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  expect(existsSync(path)).toBe(true);
  await open(path);
  expect(await read(path)).toBe('served');
});

test('a socket that is served stays with its process', async () => {
  const path = join(folder, 'vmemd.sock');
  await open(path);
  await expect(open(path)).rejects.toThrow(
    `cannot listen on the unix socket ${path}: another process listens there, perhaps a vmemd; choose another by [rpc] unix_socket`,
  );
  expect(await read(path)).toBe('served');
});

test('a file that is no socket is kept', async () => {
  const path = join(folder, 'vmemd.sock');
  writeFileSync(path, 'mine');
  await expect(open(path)).rejects.toThrow('there is a file that is no socket');
  expect(statSync(path).size).toBe(4);
});

test('a folder that others can write to is refused', async () => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  await expect(open(join(shared, 'vmemd.sock'))).rejects.toThrow(
    `other users can write to ${shared}`,
  );
});

test('a group that does not exist is named, and nothing is left behind', async () => {
  const path = join(folder, 'vmemd.sock');
  await expect(open(path, 'no-such-group')).rejects.toThrow(
    'there is no group no-such-group ([rpc] unix_socket_group)',
  );
  expect(existsSync(path)).toBe(false);
});
