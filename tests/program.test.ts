import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from './support/freePort.ts';
import { until } from './support/until.ts';
import { WsClient } from './support/wsClient.ts';

const root = join(import.meta.dirname, '..');

let folder: string;
let child: ChildProcess | undefined;
let url: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-program-'));
  child = undefined;
});
afterEach(async () => {
  await end('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts vmemd on the simulated host by a shell, with these redirections, and waits until it serves. */
async function start(redirections: string, level = 'info'): Promise<void> {
  await launch(`--connect simulated ${redirections}`, level);
  await served();
}

/** Starts vmemd on a free port by a shell, with these arguments and redirections. */
async function launch(args: string, level = 'info'): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${String(port)}`;
  const program = `exec "${process.execPath}" --import tsx src/main.ts`;
  child = spawn('sh', ['-c', `${program} --listen 127.0.0.1:${String(port)} ${args}`], {
    cwd: root,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], VMEMD_LOGGING_LEVEL: level },
  });
}

/** Waits until /healthz answers with this status; returns its text. */
async function served(status = 200): Promise<string> {
  for (;;) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.status === status) return response.text();
    if (child?.exitCode !== null || child.signalCode !== null) throw new Error('vmemd ended');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(signal: NodeJS.Signals): Promise<number | null | undefined> {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child?.exitCode;
}

/** Sends a request that is refused, which the log reports. */
async function refusedRequest(): Promise<void> {
  const vm = `${url}/api/vms/00000000-0000-4000-8000-000000000001`;
  const response = await fetch(`${vm}/reset`, { method: 'POST' });
  expect(response.status).toBe(404);
}

async function dropped(): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^vmemd_log_lines_dropped_total (\d+)$/m.exec(page)?.[1]);
}

function fifo(): string {
  const path = join(folder, 'log');
  execFileSync('mkfifo', [path]);
  return path;
}

/** Returns what a pipe holds. */
function contents(fd: number): string {
  const buffer = Buffer.alloc(1024 * 1024);
  let text = '';
  try {
    for (;;) {
      const size = readSync(fd, buffer);
      if (size === 0) return text;
      text += buffer.toString('utf8', 0, size);
    }
  } catch {
    return text;
  }
}

const READ = constants.O_RDONLY | constants.O_NONBLOCK;

describe('the program', () => {
  test('goes on without the reader of its log, and writes again for the next one', async () => {
    const path = fifo();
    const first = openSync(path, READ);
    await start(`2>'${path}'`, 'debug');
    closeSync(first);
    for (let i = 0; i < 3; i++) await refusedRequest();
    expect(await dropped()).toBeGreaterThan(0);
    const second = openSync(path, READ);
    await refusedRequest();
    await until(() => /"msg":"lines of this log were lost[^"]*"/.test(contents(second)));
    expect(await end('SIGTERM')).toBe(0);
    closeSync(second);
  });

  test('goes on while nobody reads its log', async () => {
    const path = fifo();
    const reader = openSync(path, READ);
    await start(`2>'${path}'`, 'debug');
    while ((await dropped()) === 0) {
      await Promise.all(Array.from({ length: 50 }, () => refusedRequest()));
    }
    let text = '';
    await until(() => {
      text += contents(reader);
      return text.includes('lines of this log were lost');
    });
    for (const line of text.trim().split('\n'))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(await end('SIGTERM')).toBe(0);
    closeSync(reader);
  });

  test.each(['2>/dev/full >/dev/full', '2>&- >&-'])(
    'serves and ends cleanly with %s',
    async (redirections) => {
      await start(`--hints ${redirections}`);
      await refusedRequest();
      await refusedRequest();
      await served();
      child?.kill('SIGTERM');
      await until(() => child?.exitCode !== null);
      expect(child?.exitCode).toBe(0);
    },
  );

  test('counts the lines that a full disk refuses', async () => {
    await start('2>/dev/full');
    await refusedRequest();
    expect(await dropped()).toBeGreaterThan(0);
  });

  test.each(['--check-config', '--help', '--version', 'pki --help'])(
    '%s fails on a full disk, with the cause',
    async (args) => {
      const path = join(folder, 'stderr');
      const program = `"${process.execPath}" --import tsx src/main.ts ${args}`;
      child = spawn('sh', ['-c', `exec ${program} >/dev/full 2>'${path}'`], { cwd: root });
      await once(child, 'exit');
      expect(child.exitCode).toBe(1);
      expect(readFileSync(path, 'utf8')).toMatch(/^vmemd: standard output .*ENOSPC.*\n$/);
    },
  );

  test('outlives its terminal, and ends cleanly without it', async () => {
    const [pid, status] = [join(folder, 'pid'), join(folder, 'status')];
    const port = await freePort();
    url = `http://127.0.0.1:${String(port)}`;
    const vmemd = `"${process.execPath}" --import tsx src/main.ts --connect simulated --listen 127.0.0.1:${String(port)}`;
    const command = `trap "" HUP; ${vmemd} & echo $! >'${pid}'; wait $!; echo $? >'${status}'`;
    child = spawn('script', ['-qc', command, '/dev/null'], {
      cwd: root,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] },
    });
    await served();
    await end('SIGKILL');
    await refusedRequest();
    await refusedRequest();
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM');
    await until(() => existsSync(status) && readFileSync(status, 'utf8') === '0\n');
  });

  test('without libvirt serves nothing but the reason, and no simulated host', async () => {
    const path = join(folder, 'stderr');
    const socket = join(folder, 'libvirt-sock');
    await launch(`--connect 'qemu:///system?socket=${socket}' 2>'${path}'`);
    expect(await served(503)).toContain(`listens at ${socket}`);
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(/^libvirt_up 0$/m);
    expect(page).toMatch(/^vmemd_simulated 0$/m);
    const client = await WsClient.connect(url.replace('http', 'ws'));
    await expect(client.call('Host.getVMList')).rejects.toMatchObject({
      code: 99,
      message: expect.stringContaining(`listens at ${socket}; start one`) as unknown,
    });
    expect(await (await fetch(`${url}/api/vms`)).text()).toContain(`listens at ${socket}`);
    await client.close();
    expect(await end('SIGTERM')).toBe(0);
    const log = readFileSync(path, 'utf8');
    expect(log.match(/does not answer; waiting for it/g)).toHaveLength(1);
    expect(log).not.toContain('simulated');
  });

  test.each(['foo:///system', 'qemu:///systm', 'qemu:///system?sockt=/x'])(
    'does not start with the URI %s',
    async (uri) => {
      const path = join(folder, 'stderr');
      await launch(`--connect '${uri}' 2>'${path}'`);
      await until(() => child?.exitCode !== null);
      expect(child?.exitCode).toBe(1);
      expect(readFileSync(path, 'utf8')).toContain('is not a libvirt URI of this host');
    },
  );

  test('tells everywhere that a host is simulated', async () => {
    const path = join(folder, 'stderr');
    await start(`2>'${path}'`);
    expect(await served()).toBe('serving a simulated host, whose VMs are not real\n');
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(/^vmemd_simulated 1$/m);
    const client = await WsClient.connect(url.replace('http', 'ws'));
    await expect(client.call('Host.getCapabilities')).resolves.toMatchObject({ simulated: true });
    await client.close();
    expect(readFileSync(path, 'utf8')).toMatch(
      /"level":"warn"[^\n]*simulated host has no real VMs/,
    );
  });

  test('has no debugger on SIGUSR1', async () => {
    const path = join(folder, 'stderr');
    await start(`2>'${path}'`);
    child?.kill('SIGUSR1');
    await refusedRequest();
    await served();
    expect(readFileSync(path, 'utf8')).not.toMatch(/debugger/i);
    expect(await end('SIGTERM')).toBe(0);
  });
});
