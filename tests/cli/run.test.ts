import { describe, expect, test } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { run, type World } from '../../src/cli/run.ts';
import { ServiceManager } from '../../src/cli/serviceManager.ts';
import { Milliseconds } from '../../src/common/units.ts';
import type { Lost } from '../../src/telemetry/log.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** A fake process: records its output and can be sent signals. */
function world(start: World['start'] = () => Promise.reject(new Error('not to be started'))) {
  const written = { stdout: '', stderr: '' };
  let signal: (name: NodeJS.Signals) => void = () => undefined;
  let time = 0;
  return {
    written,
    kill: (name: NodeJS.Signals) => {
      signal(name);
    },
    pass: (ms: number) => (time += ms),
    env: {},
    lines: { input: Readable.from([]), output: new PassThrough() },
    root: '/nonexistent',
    stdout: {
      write: (text: string) => (written.stdout += text),
      settled: (): Promise<Lost | undefined> => Promise.resolve(undefined),
    },
    stderr: { write: (text: string) => (written.stderr += text) },
    onSignal: (handler: typeof signal) => (signal = handler),
    now: () => Milliseconds(time),
    manager: (warn: (text: string) => void) =>
      new ServiceManager({ env: {}, clock: new VirtualClock(), warn }),
    start,
  };
}

const service =
  (stop: () => Promise<void>): World['start'] =>
  () =>
    Promise.resolve({
      addresses: ['127.0.0.1:54321'],
      connection: 'a simulated host',
      life: { status: 'serving 0 VMs of a simulated host', isAlive: true },
      ready: Promise.resolve(),
      reload: () => Promise.resolve(),
      stop,
    });

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('run', () => {
  test('prints help or the version without starting the service', async () => {
    const it = world();
    expect(await run(['--help'], it)).toBe(0);
    expect(it.written.stdout).toMatch(/^Usage: vmemd /);
    const other = world();
    expect(await run(['pki', '--help'], other)).toBe(0);
    expect(other.written).toEqual({
      stdout: expect.stringMatching(/^Usage: vmemd pki /) as unknown,
      stderr: '',
    });
    expect(await run(['--version'], it)).toBe(0);
    expect(it.written.stdout).toMatch(/\nvmemd \d+\.\d+\.\d+\n$/);
    expect(it.written.stderr).toBe('');
  });

  test('prints the resulting configuration', async () => {
    const it = world();
    it.env = { VMEMD_SAMPLING_INTERVAL: '7' };
    expect(await run(['--check-config', '--connect', 'simulated'], it)).toBe(0);
    expect(it.written.stdout).toContain('[libvirt]\nuri = simulated\n');
    expect(it.written.stdout).toContain('interval = 7\n');
  });

  test('refuses a setting that the policy does not have', async () => {
    const it = world();
    const set = { ...it, env: { VMEMD_POLICY_PARAMETERS: 'gaol=0.1' } };
    expect(await run(['--check-config', '--connect', 'simulated'], set)).toBe(1);
    expect(it.written.stderr).toMatch(/^vmemd: \[policy\] parameters: there is no gaol, /);
  });

  test.each([['--check-config', '--connect', 'simulated'], ['--help'], ['--version']])(
    'fails if the output of %s could not be written',
    async (...argv) => {
      const it = world();
      it.stdout.settled = () => Promise.resolve({ lines: 1, reason: 'no space', code: 'ENOSPC' });
      expect(await run(argv, it)).toBe(1);
      expect(it.written.stderr).toBe('vmemd: standard output could not be written: no space\n');
    },
  );

  test('does not fail if the reader of its output has read enough', async () => {
    const it = world();
    it.stdout.settled = () => Promise.resolve({ lines: 1, reason: 'broken', code: 'EPIPE' });
    expect(await run(['--help'], it)).toBe(0);
    expect(it.written.stderr).toBe('');
  });

  test('ends with 2 on a usage error', async () => {
    const it = world();
    expect(await run(['--listen', 'here'], it)).toBe(2);
    expect(it.written).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/^vmemd: --listen must be .*\n$/) as unknown,
    });
  });

  test('ends with 1 on an invalid configuration', async () => {
    const it = world();
    it.env = { VMEMD_VARS_SSL: 'no' };
    expect(await run(['--listen', '0.0.0.0:54321'], it)).toBe(1);
    expect(it.written.stderr).toMatch(/^vmemd: \[addresses\] management_ip is 0\.0\.0\.0, which /);
  });

  test('prints each configuration error on its own line', async () => {
    const it = world();
    it.env = { VMEMD_VARS_SSL: 'maybe', VMEMD_LIBVIRT_URI: 'bogus' };
    expect(await run(['--check-config'], it)).toBe(1);
    expect(it.written.stderr).toMatch(
      /^vmemd: VMEMD_VARS_SSL: .*\nvmemd: VMEMD_LIBVIRT_URI: .*\n$/,
    );
  });

  test('warns that --insecure-listen alone has no effect', async () => {
    const it = world(service(() => Promise.resolve()));
    const status = run(['--insecure-listen'], it);
    await turn();
    it.kill('SIGINT');
    await status;
    expect(it.written.stderr).toContain(
      '--insecure-listen does nothing while [vars] ssl is on; set ssl = false too',
    );
    const off = world(service(() => Promise.resolve()));
    off.env = { VMEMD_VARS_SSL: 'no' };
    const other = run(['--insecure-listen'], off);
    await turn();
    off.kill('SIGINT');
    await other;
    expect(off.written.stderr).not.toContain('does nothing');
  });

  test('ends with 1 and the reason if the service does not start', async () => {
    const it = world(() => Promise.reject(new Error('port 54321 is taken')));
    expect(await run([], it)).toBe(1);
    expect(it.written.stderr).toContain('cannot start: port 54321 is taken');
  });

  test('rethrows unexpected errors', async () => {
    const broken = world();
    broken.onSignal = () => {
      throw new TypeError('broken');
    };
    await expect(run([], broken)).rejects.toThrow('broken');
  });

  test('starts the service, logs its URLs, and stops it on a signal', async () => {
    let stopped = 0;
    const started: string[] = [];
    const it = world((config, log) => {
      started.push(config.libvirt.uri);
      return service(() => Promise.resolve(void (stopped += 1)))(config, log);
    });
    const status = run(['--connect', 'simulated'], it);
    await turn();
    expect(started).toEqual(['simulated']);
    expect(it.written.stderr).toContain('serving a simulated host on ws://127.0.0.1:54321');
    it.kill('SIGHUP');
    await turn();
    expect(stopped).toBe(0);
    it.kill('SIGTERM');
    expect(await status).toBe(0);
    expect(stopped).toBe(1);
    expect(it.written.stdout).toBe('');
  });

  test('reads certificates again on SIGHUP', async () => {
    let reloads = 0;
    const it = world(async (config, log) => ({
      ...(await service(() => Promise.resolve())(config, log)),
      addresses: ['[::]:54321', '127.0.0.1:54321'],
      reload: () => Promise.resolve(void (reloads += 1)),
    }));
    const status = run([], it);
    it.kill('SIGHUP');
    await turn();
    expect(it.written.stderr).toContain('on wss://[::]:54321 and ws://127.0.0.1:54321');
    it.kill('SIGHUP');
    it.kill('SIGTERM');
    expect(await status).toBe(0);
    expect(reloads).toBe(1);
  });

  test('creates certificates instead of serving, or prints why it cannot', async () => {
    const it = world();
    expect(await run(['pki', '--init', '/proc/self', '--host', 'a'], it)).toBe(1);
    expect(it.written.stderr).toBe(
      `vmemd: /proc/self is not empty: name a folder that is, or a new one.\n`,
    );
  });

  test('prints hints with --hints', async () => {
    const it = world(service(() => Promise.resolve()));
    const status = run(['--hints'], it);
    await turn();
    it.kill('SIGINT');
    await status;
    expect(it.written.stdout).toContain('./vmemctl --host ws://127.0.0.1:54321');
  });

  test.each([
    ['[::]:54321', ' create'],
    ['192.0.2.1:54321', ' --host wss://192.0.2.1:54321 --pki /etc/pki/vdsm create'],
  ])('prints hints for %s', async (address, options) => {
    const it = world(async (config, log) => ({
      ...(await service(() => Promise.resolve())(config, log)),
      addresses: [address],
    }));
    const status = run(['--hints'], it);
    await turn();
    it.kill('SIGINT');
    await status;
    expect(it.written.stdout).toContain(`./vmemctl${options}`);
  });

  test('ends at once on a second signal, unless it follows within half a second', async () => {
    const it = world(service(() => new Promise(() => undefined)));
    let ended = false;
    const status = run([], it).finally(() => (ended = true));
    await turn();
    it.kill('SIGINT');
    it.pass(20);
    it.kill('SIGINT');
    await turn();
    expect(ended).toBe(false);
    it.pass(1000);
    it.kill('SIGINT');
    expect(await status).toBe(1);
  });

  test('ends at once on a signal during the start', async () => {
    const it = world(() => new Promise(() => undefined));
    const status = run([], it);
    await turn();
    it.kill('SIGTERM');
    expect(await status).toBe(0);
  });

  test('ends with 1 and the reason, and stops the service, if it can never be ready', async () => {
    let stopped = 0;
    const it = world(async (config, log) => ({
      ...(await service(() => Promise.resolve(void (stopped += 1)))(config, log)),
      ready: Promise.reject(new Error('no such driver')),
    }));
    expect(await run([], it)).toBe(1);
    expect(it.written.stderr).toContain('cannot start: no such driver');
    expect(stopped).toBe(1);
  });

  test('stops a service that still waits for its hypervisor', async () => {
    let stopped = 0;
    const it = world(async (config, log) => ({
      ...(await service(() => Promise.resolve(void (stopped += 1)))(config, log)),
      ready: new Promise<never>(() => undefined),
    }));
    const status = run(['--hints'], it);
    await turn();
    it.kill('SIGTERM');
    expect(await status).toBe(0);
    expect(stopped).toBe(1);
    expect(it.written.stdout).toBe('');
  });

  test('ends with 1 if stopping the service fails', async () => {
    const it = world(service(() => Promise.reject(new Error('stuck'))));
    const status = run([], it);
    await turn();
    it.kill('SIGTERM');
    expect(await status).toBe(1);
    expect(it.written.stderr).toContain('stuck');
  });
});
