import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectSettled, expectSound, visible } from './memory/invariants.ts';
import { Play, vmID } from './memory/play.ts';
import { type Setting, setting, step, wish } from './memory/steps.ts';
import { assertProperty } from '../support/property.ts';

const MIB = 1024;
/** The longest time of a job, and of the slowest guest for all of its virtio-mem: 1 GiB at 8 MiB a second. */
const LONG_ENOUGH = 150_000;
/** The longest time of a guest that completes every change. */
const MOMENT = 20_000;

test('after any faults of a VM, its guest, its host and vmemd, reports about its memory are true', async () => {
  await assertProperty(
    fc.asyncProperty(setting, fc.array(step, { maxLength: 14 }), async (given, steps) => {
      const play = await Play.begin(given);
      for (const one of steps) {
        await play.take(one);
        await expectSound(play);
      }
      await play.settle(LONG_ENOUGH);
      await expectSound(play);
      await expectSettled(play);
      const before = await visible(play);
      await play.restart();
      await play.pass(1000);
      expect(await visible(play)).toEqual(before);
      await expectSound(play);
      await expectSettled(play);
    }),
    { seconds: 30, runs: 220 },
  );
});

const willing: fc.Arbitrary<Setting> = setting.map((given) => ({ ...given, behaviour: [] }));

test('a guest that completes every change has exactly the expected memory', async () => {
  const resize = wish.filter(({ kind }) => kind === 'resize');
  await assertProperty(
    fc.asyncProperty(willing, fc.array(resize, { maxLength: 4 }), async (given, wishes) => {
      const play = await Play.begin(given);
      for (const one of wishes) {
        const answer = play.client.wish(one);
        await play.pass(MOMENT);
        await answer;
        const { expected } = play.client;
        const memory = [await play.view(), await play.truth.look()].map((one) => one?.provided);
        if (expected !== undefined) expect(memory).toEqual([expected * MIB, expected * MIB]);
        await expectSound(play);
      }
    }),
    { seconds: 5 },
  );
});

test('after any number of jobs, a few are kept', async () => {
  const play = await Play.begin({
    seed: 1,
    behaviour: ['refuses-unplug'],
    devices: [1, 2, 3, 4],
    attempts: 1,
    autodeflate: true,
  });
  for (let n = 0; n < 100; n += 1) {
    void play.ask('VM.hotunplugMemory', {
      params: { vmId: vmID, memory: { alias: `dimm${String(n % 4)}` } },
    });
    await play.pass(500);
  }
  await play.settle(MOMENT);
  await expectSettled(play);
  expect(play.narrative.jobs.size).toBeGreaterThanOrEqual(100);
  expect((await play.jobs()).length).toBeLessThan(20);
});
