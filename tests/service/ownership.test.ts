import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/common/clock.ts';
import { OwnershipError, takeOwnership } from '../../src/service/ownership.ts';

const ownership = join(import.meta.dirname, '../../src/service/ownership.ts');
let root: string;
let warnings: string[];
const children: ChildProcess[] = [];
const releases: (() => void)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'owner-'));
  warnings = [];
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const release of releases.splice(0)) release();
  await rm(root, { recursive: true, force: true });
});

const options = (owner: string, changes: object = {}) => ({
  daemon: { driver: 'qemu', folder: root },
  folder: '',
  owner,
  env: {},
  clock: systemClock,
  warn: (text: string) => warnings.push(text),
  ...changes,
});

async function own(owner: string, changes: object = {}): Promise<() => void> {
  const release = await takeOwnership(options(owner, changes));
  releases.push(release);
  return release;
}

/** Another process that takes the lock and lives until it is killed. */
async function another(owner: string): Promise<ChildProcess> {
  const { daemon, folder, env } = options(owner);
  const code = `import { takeOwnership } from ${JSON.stringify(ownership)};
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../src/common/clock.ts'))};
    takeOwnership({ ...${JSON.stringify({ daemon, folder, env, owner })}, clock: systemClock, warn() {} })
      .then(() => { console.log('owns'); setInterval(() => {}, 1000); }, (error) => { console.log(error.message); process.exit(1); });`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('a second owner is refused with who the first is, and what to do', async () => {
  await own('vmemd 1.0, process 7, at 127.0.0.1:54321');
  const refused = own('another');
  await expect(refused).rejects.toThrow(OwnershipError);
  await expect(refused).rejects.toThrow(/vmemd 1.0, process 7, at 127.0.0.1:54321.*--read-only/s);
  expect(readFileSync(join(root, 'vmemd-qemu.lock'), 'utf8')).toContain('process 7');
});

test('the lock of a process that is killed is free at once', async () => {
  const first = await another('the first');
  await expect(own('the second')).rejects.toThrow('the first');
  first.kill('SIGKILL');
  await once(first, 'exit');
  await own('the third');
});

test('a lock that is released is free, and no longer names anybody', async () => {
  const release = await own('the first');
  releases.length = 0;
  release();
  expect(readFileSync(join(root, 'vmemd-qemu.lock'), 'utf8')).toBe('');
  await own('the second');
});

test('whatever path leads to the socket, the daemon is the same', async () => {
  const link = join(root, 'link');
  symlinkSync(root, link);
  await own('the first');
  const daemon = { driver: 'qemu', folder: link };
  await expect(own('the second', { daemon })).rejects.toThrow('the first');
  const folder = join(root, 'locks');
  await own('by its folder', { folder });
  await expect(own('the second', { daemon, folder })).rejects.toThrow('by its folder');
});

test('drivers of one daemon have owners of their own', async () => {
  await own('of qemu');
  await own('of test', { daemon: { driver: 'test', folder: root } });
});

test('the lock can be opened by its user alone, so that nobody else can hold it', async () => {
  await own('the first');
  expect(statSync(join(root, 'vmemd-qemu.lock')).mode & 0o777).toBe(0o600);
});

test('a link in place of the lock is refused', async () => {
  writeFileSync(join(root, 'elsewhere'), 'kept');
  symlinkSync(join(root, 'elsewhere'), join(root, 'vmemd-qemu.lock'));
  await expect(own('the first')).rejects.toThrow(/cannot open the lock/);
  expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('kept');
});

test('a folder that others can write is refused', async () => {
  const folder = join(root, 'open');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  await expect(own('the first', { folder })).rejects.toThrow('can be written by other users');
});

test('a folder that cannot be made is refused with what to do', async () => {
  writeFileSync(join(root, 'file'), '');
  const folder = join(root, 'file', 'locks');
  await expect(own('the first', { folder })).rejects.toThrow(/lock_path.*--read-only/);
});

test('without the program flock the reason is given', async () => {
  await expect(own('the first', { env: { PATH: root } })).rejects.toThrow(
    /util-linux.*--read-only/,
  );
});

test('where libvirt’s folder cannot be written, a folder of the user’s own has the lock', async () => {
  const daemon = { driver: 'qemu', folder: '/proc/sys' };
  const env = { XDG_RUNTIME_DIR: root };
  await own('the first', { daemon, env });
  expect(warnings).toEqual([expect.stringContaining('another user')]);
  await expect(own('the second', { daemon, env })).rejects.toThrow('the first');
  await expect(own('the second', { daemon })).rejects.toThrow('[libvirt] lock_path');
});
