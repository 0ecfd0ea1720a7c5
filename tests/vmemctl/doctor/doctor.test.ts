import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { version } from '../../../src/common/version.ts';
import { checkCertificates } from '../../../src/vmemctl/doctor/certificates.ts';
import { checkDaemon } from '../../../src/vmemctl/doctor/daemon.ts';
import { checkKernel, momRuns } from '../../../src/vmemctl/doctor/kernel.ts';
import {
  checkLibvirt,
  checkUnixSocket,
  libvirtSocket,
} from '../../../src/vmemctl/doctor/sockets.ts';
import { needs } from '../../support/needs.ts';
import { overviewOf, vm } from '../glance.ts';
import { openSimulated, type Simulated } from '../simulated.ts';
import { vmemctl } from '../vmemctl.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Writes a file below the root. */
function put(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('what a daemon says', () => {
  const there = { vmemd_version: version(), libvirt_version: '9.0.0', qemu_version: '7.2.0' };
  const checksOf = (vms: Parameters<typeof overviewOf>[0], host = {}, more = {}) =>
    checkDaemon({ overview: overviewOf(vms, { ...there, ...host }), now: NOW, ...more }).map(
      ({ name, state, text }) => `${state} ${name}: ${text}`,
    );

  test('is fine where nothing is wrong', () => {
    const policy = { mode: 'act', algorithm: 'adaptive' } as const;
    expect(checksOf([vm(1)], { policy })).toEqual([
      `ok vmemd: version ${version()}`,
      'ok hypervisor: libvirt 9.0.0, QEMU 7.2.0',
      'ok access: you may do everything (admin)',
      'ok policy: act (adaptive)',
      'ok vm1: balloon and its driver work, reported 3 s ago',
    ]);
  });

  test('is a failure where MoM sets targets, too', () => {
    const policy = { mode: 'act', algorithm: 'adaptive' } as const;
    expect(checksOf([], { policy, mom_active: true })).toContainEqual(
      expect.stringMatching(
        /^fail policy: MoM runs beside it.*: stop momd, or vmemctl policy off$/,
      ),
    );
    expect(checksOf([], { policy: { ...policy, mode: 'off' } }, { momRuns: true })).toContain(
      'info policy: off, MoM shares out memory',
    );
  });

  test('is a warning with what to do for each of a VM', () => {
    const silent = vm(1, { warnings: [{ kind: 'not-reporting', text: 'no driver' }] });
    const unused = vm(2, { warnings: [{ kind: 'not-online', text: 'dimm0 is not used' }] });
    const checks = checksOf([silent, unused, vm(3, { ballooning_disabled_because: 'no device' })]);
    expect(checks).toContain('warn vm1: no driver; in the guest: modprobe virtio_balloon');
    expect(checks).toContainEqual(expect.stringContaining('online_movable'));
    expect(checks).toContain('info vm3: not ballooned: no device');
  });

  test.each([
    ['another version', { vmemd_version: '9.9.9' }, {}, /^warn vmemd: version 9\.9\.9 there/],
    ['another time', {}, { now: NOW + 60_000 }, /^warn clock: it differs .* by 1 min/],
    [
      'why the policy does not act',
      {},
      { notActing: 'it is paused' },
      /^(warn policy: it is paused|info policy: unknown)/,
    ],
    [
      'too much promised',
      { warnings: [{ kind: 'promised-too-much', text: 'x' }] },
      {},
      /^fail host: x/,
    ],
    ['that it only reads', { read_only: true }, {}, /^info access: this vmemd changes nothing/],
  ])('tells of %s', (_, host, more, line) => {
    expect(checksOf([], host, more)).toContainEqual(expect.stringMatching(line));
  });
});

describe('the kernel', () => {
  const states = () => checkKernel(root).map(({ state, name }) => `${state} ${name}`);

  test('may lack everything', () => {
    expect(states()).toEqual(['warn pressure (PSI)', 'info huge pages', 'info same pages (KSM)']);
  });

  test('has what it reports', () => {
    put('proc/pressure/memory', 'some avg10=0.00');
    put(
      'proc/meminfo',
      'SwapTotal:  1000 kB\nSwapFree: 900 kB\nHugePages_Total: 4\nHugePages_Free: 2\n',
    );
    put('sys/kernel/mm/ksm/run', '1\n');
    put('sys/kernel/mm/ksm/pages_sharing', '7\n');
    expect(states()).toEqual([
      'ok pressure (PSI)',
      'ok swap',
      'ok huge pages',
      'ok same pages (KSM)',
    ]);
  });

  test('shows whether momd runs', () => {
    put('proc/12/cmdline', '/usr/bin/python3\0-c\0momd');
    expect(momRuns(root)).toBe(false);
    put('proc/13/cmdline', '/usr/bin/python3\0/usr/sbin/momd\0-c\0/etc/vdsm/mom.conf\0');
    expect(momRuns(root)).toBe(true);
  });
});

describe('a socket', () => {
  test('of libvirt is that of its URI, or the one that is there', () => {
    expect(libvirtSocket('qemu:///system?socket=/a%20b', root)).toBe('/a b');
    expect(libvirtSocket('qemu:///system', root)).toBe(join(root, 'run/libvirt/libvirt-sock'));
    const modular = put('run/libvirt/virtqemud-sock', '');
    expect(libvirtSocket('qemu:///system', root)).toBe(modular);
  });

  test('accepts connections, is left over, or is not there', async () => {
    const path = join(root, 'sock');
    expect(await checkLibvirt(path)).toMatchObject({
      state: 'fail',
      text: expect.stringContaining('does not exist: systemctl start'),
    });
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await checkLibvirt(path)).toMatchObject({ state: 'ok' });
    chmodSync(path, 0o660);
    expect(await checkUnixSocket(path)).toMatchObject({
      state: 'ok',
      text: expect.stringContaining('mode 660, group '),
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await checkUnixSocket(path)).toMatchObject({ state: 'info' });
    expect(await checkUnixSocket(undefined)).toMatchObject({ state: 'info' });
  });
});

needs('openssl')('certificates', () => {
  let files: { ca: string; cert: string; key: string };
  beforeEach(() => {
    files = { ca: join(root, 'ca.pem'), cert: join(root, 'cert.pem'), key: join(root, 'key.pem') };
    const make = (cert: string, key: string): void => {
      const args = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
      ];
      execFileSync(
        'openssl',
        [...args, '-days', '90', '-subj', '/CN=x', '-keyout', key, '-out', cert],
        { stdio: 'ignore' },
      );
    };
    make(files.cert, files.key);
    writeFileSync(files.ca, readFileSync(files.cert));
    chmodSync(files.key, 0o640);
  });
  const states = (days: number) =>
    checkCertificates(
      files,
      Date.parse(new X509Certificate(readFileSync(files.cert)).validFrom) + days * 86_400_000,
    ).map(({ state }) => state);

  test.each([
    [1, ['ok', 'ok']],
    [75, ['warn', 'warn']],
    [91, ['fail', 'fail']],
    [-1, ['fail', 'fail']],
  ])('after %d days', (days, expected) => {
    expect(states(days)).toEqual(expected);
  });

  test('and their key: readable for all, of another certificate, none', () => {
    chmodSync(files.key, 0o644);
    expect(states(1)).toEqual(['ok', 'ok', 'fail']);
    chmodSync(files.key, 0o640);
    writeFileSync(files.key, 'x');
    expect(states(1)).toEqual(['ok', 'ok', 'fail']);
    rmSync(files.key);
    expect(states(1)).toEqual(['ok', 'ok', 'fail']);
  });

  test('that are no files, or no certificates', () => {
    writeFileSync(files.ca, 'x');
    expect(states(1)).toEqual(['fail', 'ok']);
    rmSync(files.ca);
    expect(states(1)).toEqual(['fail', 'ok']);
    expect(checkCertificates({ ...files, cert: files.ca }, NOW)).toMatchObject([{ state: 'info' }]);
  });
});

describe('vmemctl doctor', () => {
  let host: Simulated;
  beforeAll(async () => {
    host = await openSimulated();
    await host.world.boot(1, { vmName: 'web1' });
  });
  afterAll(() => host.stop());

  test('has a line for each VM and ends with status 0 where nothing fails', async () => {
    const { exit, stdout } = await host.run(['doctor']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ok +web1 +balloon and its driver work/m);
  });

  test('checks this machine also where the daemon is down', async () => {
    const { exit, stdout } = await vmemctl(['doctor', '--port', '9', '--insecure'], { root });
    expect(exit).toBe(3);
    expect(stdout).toMatch(/^fail +vmemd +cannot connect to ws:\/\/localhost:9/m);
    expect(stdout).toMatch(/^fail +libvirt +.*does not exist/m);
    expect(stdout).toMatch(/^warn +pressure \(PSI\)/m);
    expect(stdout).toMatch(/\n\d failures, \d+ warnings?\n$/);
  });

  test('of several hosts shows each, and is done in part where one is away', async () => {
    const { exit, stdout } = await host.run(['-a', 'ws://127.0.0.1:9', 'doctor']);
    expect(exit).toBe(4);
    expect(stdout).toMatch(/^simulated-\d+\n(.*\n)*\nws:\/\/127\.0\.0\.1:9\nfail +vmemd/);
  });

  test('prints findings as JSON', async () => {
    const { stdout } = await host.run(['doctor', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { checks: expect.arrayContaining([expect.objectContaining({ name: 'web1', state: 'ok' })]) },
    ]);
  });
});
