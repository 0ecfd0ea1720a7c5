import { chmod, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectDaemon } from '../../src/libvirt/connectDaemon.ts';
import { LibvirtError, UnreachableError } from '../../src/libvirt/error.ts';
import { FakeLibvirtd, hang } from '../support/fakeLibvirtd.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

let daemon: FakeLibvirtd;

const open = (sockets: readonly string[] = [daemon.path], timeout?: number) =>
  connectDaemon({ name: 'qemu:///system', sockets }, { timeout });

beforeEach(async () => {
  daemon = await FakeLibvirtd.start();
});

afterEach(() => daemon.remove());

test('calls the daemon in libvirt’s order', async () => {
  (await open()).close();
  await until(() => daemon.sockets.size === 0);
  expect(daemon.calls.map(({ name }) => name)).toEqual([
    'authList',
    'connectSupportsFeature',
    'connectOpen',
    'connectClose',
  ]);
  expect(daemon.received('connectSupportsFeature')).toEqual([10]);
  expect(daemon.received('connectOpen')).toEqual([{ name: 'qemu:///system', flags: 0 }]);
});

test('uses the first socket on which a daemon listens', async () => {
  const stale = `${daemon.path}-file`;
  await writeFile(stale, '');
  const connection = await open([`${daemon.path}-absent`, stale, daemon.path]);
  expect(connection.isOpen).toBe(true);
  connection.close();
});

test('the error names the sockets if no daemon listens', async () => {
  await expect(open(['/nowhere/a', '/nowhere/b'])).rejects.toThrow(
    'No libvirt daemon for qemu:///system listens at /nowhere/a or /nowhere/b; start one.',
  );
  await expect(open([])).rejects.toThrow(UnreachableError);
});

test('a socket without permission is an error and not skipped', async () => {
  const loop = `${daemon.path}-loop`;
  await symlink(loop, loop);
  await expect(open([loop, daemon.path])).rejects.toThrow('Cannot connect');
});

/** Runs `work` as a user who is not root. */
async function unprivileged(work: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

const NOBODY = 65_534;

test('a socket that the user may not open is an error that says what to do', async () => {
  await chmod(daemon.path, 0o600);
  await chmod(dirname(daemon.path), 0o755);
  if (process.getuid?.() !== 0) await chmod(daemon.path, 0);
  await unprivileged(async () => {
    await expect(open()).rejects.toThrow(
      new RegExp(
        `^Cannot connect to libvirt: the user \\d+ of this process may not open ${daemon.path}; .*unix_sock_group`,
      ),
    );
  });
});

test('a file that is not a socket is named as such', async () => {
  const file = `${daemon.path}-file`;
  await writeFile(file, '');
  await expect(open([file])).rejects.toThrow(
    `${file} is not a socket; give the one of the libvirt daemon.`,
  );
});

test('authenticates by polkit if the daemon requires it', async () => {
  daemon.on('authList', () => [2]);
  daemon.on('authPolkit', () => 1);
  (await open()).close();
  expect(daemon.received('authPolkit')).toHaveLength(1);
});

test('refuses a daemon that requires another authentication, with its number', async () => {
  daemon.on('authList', () => [1]);
  await expect(open()).rejects.toMatchObject({ code: 45, message: expect.stringContaining('1') });
});

test('rejects with the daemon’s refusal and closes', async () => {
  daemon.on('connectOpen', () => {
    throw new LibvirtError('no connection driver', { code: 5, domain: 0 });
  });
  await expect(open()).rejects.toMatchObject({ code: 5, message: 'no connection driver' });
  await until(() => daemon.sockets.size === 0);
});

test('times out if the daemon does not reply', async () => {
  daemon.on('authList', () => hang);
  await expect(open([daemon.path], 20)).rejects.toMatchObject({ name: 'DeadlineError', code: 68 });
});

test('gives up a daemon that says nothing at all as soon as keepalive would', async () => {
  const clock = new VirtualClock();
  daemon.on('authList', () => hang);
  const options = { timers: clock, timeout: 60_000 };
  const opened = connectDaemon({ name: 'qemu:///system', sockets: [daemon.path] }, options);
  const refused = expect(opened).rejects.toMatchObject({ name: 'DeadlineError' });
  await until(() => daemon.received('authList').length === 1);
  await clock.advance(Milliseconds(15_000));
  await refused;
});
