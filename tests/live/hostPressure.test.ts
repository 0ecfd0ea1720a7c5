import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { pause, systemClock } from '../../src/common/clock.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { PressureReader } from '../../src/host/pressure/pressureReader.ts';
import { ksmState, tuneKsm } from '../../src/host/report/ksm.ts';
import { Procfs } from '../../src/host/report/procfs.ts';
import { createSimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import { KsmTuner } from '../../src/policy/ksm/ksmTuner.ts';
import { silent } from '../support/call.ts';
import { cgroupFolder, needs } from '../support/needs.ts';

const MIB = 1024;
const proc = new Procfs();
const own = { meminfo_path: '', pressure_path: '', cgroup_path: '' };

const reading = (paths: Partial<typeof own> = {}) =>
  new PressureReader({
    hypervisor: createSimulatedHost(),
    proc,
    paths: { ...own, ...paths },
    clock: systemClock,
    log: silent,
  });

/** Looks every 100 ms until what is read is as wanted. */
async function see<T>(read: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<void> {
  while (!isWanted(await read())) await pause(systemClock, Milliseconds(100));
}

it('a real host is read as it is', async () => {
  const { total, capacity, available, free, nodes } = await reading().read();
  expect(total).toBe(totalmem() / 1024);
  expect(capacity).toBeLessThanOrEqual(total);
  expect(available).toBeGreaterThan(0);
  expect(free).toBeGreaterThan(0);
  expect(nodes.map(({ index }) => index)).toContain(0);
});

needs('cgroup')('a limit of a real control group', () => {
  const folder = join(cgroupFolder() ?? '', `vmemd-trial-${String(process.pid)}`);
  beforeAll(async () => {
    await mkdir(folder);
    const isV2 = await stat(join(folder, 'memory.max')).catch(() => undefined);
    await writeFile(
      join(folder, isV2 ? 'memory.max' : 'memory.limit_in_bytes'),
      String(64 * 1024 ** 2),
    );
  });
  afterAll(() => rmdir(folder));

  it('is all that is left', async () => {
    const { available, capacity, limit } = await reading({ cgroup_path: folder }).read();
    expect(limit).toMatchObject({ limit: 64 * MIB, path: expect.stringContaining(folder) });
    expect([available, capacity]).toEqual([64 * MIB, 64 * MIB]);
  });
});

/** An emulator that never runs its guest, whose memory is there. */
async function emulator(memory: string): Promise<ChildProcess> {
  const options = ['-display', 'none', '-nodefaults', '-S', '-machine', 'q35,memory-backend=ram'];
  const child = spawn('qemu-system-x86_64', [...options, '-m', '256', '-object', memory], {
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  return child;
}

needs('qemu')('an emulator', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vmemd-guest-'));
  });
  afterEach(async () => {
    if (child?.kill('SIGKILL')) await once(child, 'exit');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('whose guest memory is a file takes it from what is available', async () => {
    const path = join(folder, 'ram');
    child = await emulator(
      `memory-backend-file,id=ram,size=256M,share=on,prealloc=on,mem-path=${path}`,
    );
    await see(
      () => reading().read(),
      ({ fileBacked }) => fileBacked > 200 * MIB,
    );
  });
});

needs('ksm')('same-page merging of a real kernel', () => {
  const state = () => ksmState(proc);
  let folder: string;
  let before: Awaited<ReturnType<typeof state>>;
  beforeAll(async () => {
    before = await state();
    folder = await mkdtemp(join(tmpdir(), 'vmemd-ksm-'));
  });
  afterAll(async () => {
    await tuneKsm(proc, { run: 2 });
    await tuneKsm(proc, before?.settings ?? {});
    await rm(folder, { recursive: true });
  });

  it('runs while memory is short, until ksmEnabled is off', async () => {
    const meminfo = join(folder, 'meminfo');
    await writeFile(meminfo, 'MemTotal: 16777216 kB\nMemFree: 1 kB\nBuffers: 0 kB\nCached: 0 kB\n');
    const wish = { ksmEnabled: true };
    const tuner = new KsmTuner({
      host: { ksmState: state, tuneKsm: (tuning) => tuneKsm(proc, tuning) },
      pressure: reading({ meminfo_path: meminfo }),
      clock: systemClock,
      log: silent,
      pinTime: Milliseconds(0),
      wish: () => wish,
    });
    await tuner.tune();
    expect((await state())?.settings).toMatchObject({ run: 1, sleep_millisecs: 10 });
    wish.ksmEnabled = false;
    await tuner.tune();
    // pages that were merged meanwhile are unmerged first
    await see(state, (seen) => seen?.pagesShared === 0);
    await tuner.tune();
    expect((await state())?.settings.run).toBe(0);
  });
});
