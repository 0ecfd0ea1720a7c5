import { describe, expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { ksmState, type KsmTuning, tuneKsm } from '../../../src/host/report/ksm.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { SimulatedProcfs } from '../../../src/host/simulated/simulatedProcfs.ts';
import { KsmTuner, type KsmWish } from '../../../src/policy/ksm/ksmTuner.ts';
import { recorder } from '../../support/call.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const GIB = 1024 ** 2;
const ROUND = Milliseconds(15_000);
const PIN = Milliseconds(600_000);

/** A host of 16 GiB whose guests fill it up, and a tuner that tunes it each round. */
function tuned(wish: KsmWish = { ksmEnabled: true }) {
  const clock = new VirtualClock();
  const { lines, log } = recorder('info');
  const memory = { free: GIB };
  const hypervisor = createSimulatedHost();
  const proc = new SimulatedProcfs(
    {
      node: () => hypervisor.node(),
      hostMemory: () => Promise.resolve({ total: KiB(16 * GIB), free: KiB(memory.free) }),
    },
    clock,
  );
  const kernel = {
    ksmState: () => ksmState(proc),
    tuneKsm: (tuning: KsmTuning) => tuneKsm(proc, tuning),
  };
  const wanted = { wish };
  const pressure = {
    read: () =>
      Promise.resolve({
        total: KiB(16 * GIB),
        capacity: KiB(16 * GIB),
        free: KiB(memory.free),
        fileBacked: KiB(0),
        shareable: KiB(GIB),
        hugepages: [],
        nodes: [],
      }),
  };
  const tuner = new KsmTuner({
    host: kernel,
    pressure,
    clock,
    log,
    pinTime: PIN,
    wish: () => wanted.wish,
  });
  const stop = tuner.start();
  const settings = async () => (await ksmState(proc))?.settings;
  return { clock, kernel, lines, memory, proc, settings, stop, tuner, wanted };
}

const warnings = (lines: readonly Record<string, unknown>[]) =>
  lines.filter(({ level }) => level !== 'info').map(({ msg }) => msg);

test('merges while memory is short, and rests when there is enough', async () => {
  const { clock, memory, settings } = tuned();
  await clock.advance(ROUND);
  expect(await settings()).toMatchObject({ run: 1, pages_to_scan: 400, sleep_millisecs: 10 });
  memory.free = 12 * GIB;
  await clock.advance(Milliseconds(10 * ROUND));
  expect(await settings()).toMatchObject({ run: 0 });
});

test.each([[{}], [{ ksmMergeAcrossNodes: false }]])(
  'leaves the kernel alone without ksmEnabled: %j',
  async (wish) => {
    const { clock, proc, settings } = tuned(wish);
    await tuneKsm(proc, { run: 1, pages_to_scan: 77 });
    await clock.advance(Milliseconds(10 * ROUND));
    expect(await settings()).toMatchObject({ run: 1, pages_to_scan: 77, merge_across_nodes: 1 });
  },
);

test('logs each change with what was before, and nothing else', async () => {
  const { clock, lines, memory } = tuned();
  await clock.advance(ROUND);
  expect(lines).toMatchObject([
    {
      event: 'audit',
      by: 'policy',
      before: { ksm: { run: 0, pages_to_scan: 100, sleep_millisecs: 20 } },
      after: { ksm: { run: 1, pages_to_scan: 400, sleep_millisecs: 10 } },
    },
  ]);
  memory.free = 12 * GIB;
  await clock.advance(Milliseconds(100 * ROUND));
  const before = lines.length;
  await clock.advance(Milliseconds(100 * ROUND));
  expect(lines).toHaveLength(before);
});

test('unmerges before nodes are treated otherwise, then merges again', async () => {
  const { clock, settings, wanted } = tuned();
  await clock.advance(Milliseconds(3 * ROUND));
  wanted.wish = { ksmEnabled: true, ksmMergeAcrossNodes: false };
  await clock.advance(ROUND);
  expect(await settings()).toMatchObject({ run: 2, merge_across_nodes: 1 });
  await clock.advance(ROUND);
  expect(await settings()).toMatchObject({ run: 1, merge_across_nodes: 0 });
});

test('unmerges, then stops, when it is disabled', async () => {
  const { clock, proc, settings, wanted } = tuned();
  await clock.advance(Milliseconds(3 * ROUND));
  expect((await ksmState(proc))?.pagesShared).toBeGreaterThan(0);
  wanted.wish = { ksmEnabled: false };
  await clock.advance(Milliseconds(2 * ROUND));
  expect(await settings()).toMatchObject({ run: 0 });
  expect((await ksmState(proc))?.pagesShared).toBe(0);
});

test("a client's own settings are left alone for the pin time", async () => {
  const { clock, proc, settings, tuner } = tuned();
  await clock.advance(ROUND);
  tuner.pin();
  await tuneKsm(proc, { run: 0 });
  await clock.advance(Milliseconds(PIN - ROUND));
  expect(await settings()).toMatchObject({ run: 0 });
  await clock.advance(Milliseconds(2 * ROUND));
  expect(await settings()).toMatchObject({ run: 1 });
});

test('does nothing more once it is stopped', async () => {
  const { clock, settings, stop } = tuned();
  stop();
  await clock.advance(Milliseconds(10 * ROUND));
  expect(await settings()).toMatchObject({ run: 0 });
});

describe('what is missing is said once', () => {
  test('the right to write', async () => {
    const { clock, kernel, lines } = tuned();
    const reason = "run cannot be set to 1: EACCES: permission denied, open '/sys/…/run'";
    kernel.tuneKsm = () => Promise.reject(new Error(reason));
    await clock.advance(Milliseconds(5 * ROUND));
    expect(warnings(lines)).toEqual([
      expect.stringMatching(/^KSM cannot be tuned, because run cannot .* run vmemd as root/),
    ]);
  });

  test('another error of the kernel, which comes without that advice', async () => {
    const { clock, kernel, lines, settings } = tuned();
    const { tuneKsm: write } = kernel;
    kernel.tuneKsm = () => Promise.reject(new Error('run cannot be set to 1: EBUSY'));
    await clock.advance(Milliseconds(5 * ROUND));
    expect(warnings(lines)).toEqual(['KSM cannot be tuned, because run cannot be set to 1: EBUSY']);
    kernel.tuneKsm = write;
    await clock.advance(ROUND);
    expect(await settings()).toMatchObject({ run: 1 });
  });

  test('KSM itself', async () => {
    const { clock, kernel, lines } = tuned();
    kernel.ksmState = () => Promise.resolve(undefined);
    await clock.advance(Milliseconds(5 * ROUND));
    expect(warnings(lines)).toEqual([
      expect.stringMatching(/^\/sys\/kernel\/mm\/ksm is missing: this kernel has no same-page/),
    ]);
  });
});
