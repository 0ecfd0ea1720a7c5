import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  rebooted,
  withBehaviour,
  withDimm,
  withTarget,
  withUnplugRequest,
  withWorkingSet,
} from '../../../../src/host/simulated/guest/actions.ts';
import {
  withVirtioMem,
  withVirtioMemRequest,
} from '../../../../src/host/simulated/guest/guestVirtioMem.ts';
import { ordinary, type Behaviour } from '../../../../src/host/simulated/guest/behaviour.ts';
import { type Guest, powerOn } from '../../../../src/host/simulated/guest/guest.ts';
import {
  cpuTime,
  current,
  memory,
  residentOnHost,
  wholeCurrent,
  wholeMemory,
} from '../../../../src/host/simulated/guest/guestMemory.ts';
import { advance, type GuestEvent } from '../../../../src/host/simulated/guest/advance.ts';
import { KiB, Milliseconds, Seconds } from '../../../../src/common/units.ts';
import { GIB, MIB } from '../support.ts';
import { assertProperty } from '../../../support/property.ts';

const bareGuest = (behaviour: Partial<Behaviour>, autodeflate: boolean): Guest =>
  powerOn({
    behaviour: { ...ordinary, ...behaviour },
    seed: 5,
    bornAt: Milliseconds(0),
    vcpus: 2,
    cpuTimeBefore: 0,
    hasBalloon: true,
    autodeflate,
    bootMemory: KiB(GIB),
    dimms: [],
    virtioMems: [],
    requested: KiB(0),
    period: Seconds(2),
    workingSet: KiB(300 * MIB),
  });

const BLOCK = KiB(2 * MIB);
const guestOf = (behaviour: Partial<Behaviour> = {}, autodeflate = false): Guest =>
  withVirtioMem(bareGuest(behaviour, autodeflate), {
    alias: 'virtiomem0',
    size: KiB(GIB),
    block: BLOCK,
    requested: KiB(0),
  });

const at = (guest: Guest, now: number): Guest => advance(guest, Milliseconds(now)).guest;

describe('a guest that advances', () => {
  test('has no next step once it has booted and without requests', () => {
    expect(advance(guestOf(), Milliseconds(0)).nextAt).toBe(3000);
    expect(advance(guestOf(), Milliseconds(3000)).nextAt).toBe(Infinity);
  });

  test('never goes back', () => {
    const guest = at(guestOf(), 9000);
    expect(at(guest, 4000)).toEqual(guest);
  });

  test('takes memory back from the balloon when its programs need it, if the balloon can deflate by itself', () => {
    const squeezed = (autodeflate: boolean) => {
      const small = withTarget(at(guestOf({ swap: false }, autodeflate), 4000), KiB(450 * MIB));
      return current(at(withWorkingSet(at(small, 20_000), KiB(800 * MIB)), 40_000));
    };
    expect(squeezed(false)).toBe(450 * MIB);
    expect(squeezed(true)).toBeGreaterThan(800 * MIB);
  });

  test('keeps memory that the balloon returned by itself until the next request', () => {
    const small = at(withTarget(at(guestOf({ swap: false }, true), 4000), KiB(450 * MIB)), 20_000);
    const needy = at(withWorkingSet(small, KiB(800 * MIB)), 40_000);
    const relieved = at(withWorkingSet(needy, KiB(200 * MIB)), 60_000);
    expect(current(relieved)).toBe(current(needy));
    expect(current(at(withTarget(relieved, KiB(450 * MIB)), 80_000))).toBe(450 * MIB);
  });

  test('lets a balloon that could not reach its target grow when memory can be spared later', () => {
    const needy = withWorkingSet(at(guestOf({ swap: false }, true), 4000), KiB(800 * MIB));
    const refusing = at(withTarget(needy, KiB(450 * MIB)), 20_000);
    expect(current(refusing)).toBeGreaterThan(800 * MIB);
    expect(current(at(withWorkingSet(refusing, KiB(200 * MIB)), 40_000))).toBe(450 * MIB);
  });

  test('counts memory that moves to swap at once, and memory that returns', () => {
    const small = at(withTarget(at(guestOf(), 4000), KiB(400 * MIB)), 20_000);
    const needy = at(withWorkingSet(small, KiB(600 * MIB)), 20_001);
    expect(needy.swapOut).toBeGreaterThan(200 * MIB);
    expect(needy.swapIn).toBeLessThan(MIB);
    const relieved = at(withTarget(needy, KiB(GIB)), 40_000);
    expect(relieved.swapIn).toBeGreaterThan(200 * MIB);
    expect(relieved.swapOut - relieved.swapIn).toBeCloseTo(0);
  });

  test('drops pages that programs no longer use from swap unread', () => {
    const small = at(withTarget(at(guestOf(), 4000), KiB(400 * MIB)), 20_000);
    const needy = at(withWorkingSet(small, KiB(600 * MIB)), 20_001);
    const relieved = at(withWorkingSet(needy, KiB(200 * MIB)), 40_000);
    expect(relieved.swapIn).toBe(needy.swapIn);
    expect(relieved.swapOut).toBe(needy.swapOut);
  });

  test('fills its page cache over time and shrinks it first', () => {
    const early = at(guestOf(), 4000).report?.diskCaches ?? 0;
    const late = at(guestOf(), 600_000);
    expect(late.report?.diskCaches).toBeGreaterThan(early);
    const squeezed = at(withTarget(late, KiB(400 * MIB)), 700_000);
    expect(squeezed.report?.diskCaches).toBeLessThan(early + 64 * MIB);
    expect(squeezed.report?.swapOut).toBe(0);
  });
});

type Action = (guest: Guest) => Guest;
const action: fc.Arbitrary<Action> = fc.oneof(
  fc
    .integer({ min: 1, max: 1024 })
    .map(
      (share) => (guest: Guest) =>
        withTarget(guest, KiB(4 * Math.floor((memory(guest) * share) / 1024))),
    ),
  fc
    .integer({ min: 0, max: 2048 })
    .map((size) => (guest: Guest) => withWorkingSet(guest, KiB(size * MIB))),
  fc
    .constantFrom('dimm0', 'dimm1', 'dimm2')
    .map(
      (alias) => (guest: Guest) =>
        guest.dimms.some((dimm) => dimm.alias === alias) ?
          withUnplugRequest(guest, alias)
        : withDimm(guest, alias, KiB(128 * MIB)),
    ),
  fc
    .integer({ min: 0, max: 512 })
    .map(
      (blocks) => (guest: Guest) => withVirtioMemRequest(guest, 'virtiomem0', KiB(blocks * BLOCK)),
    ),
  fc
    .constantFrom<Partial<Behaviour>>(
      { unplug: 'ignores' },
      { unplug: 'gives-back' },
      { virtioMemRate: KiB(7 * MIB) },
      { onlines: true },
    )
    .map((change) => (guest: Guest) => withBehaviour(guest, change)),
);
const behaviour = fc.record({
  driver: fc.boolean(),
  onlines: fc.boolean(),
  swap: fc.boolean(),
  busy: fc.boolean(),
  unplug: fc.constantFrom('gives-back', 'refuses', 'ignores'),
});
const lifeOf = (actions: fc.Arbitrary<Action>) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), actions), { maxLength: 12 });
const life = lifeOf(action);
const lives = lifeOf(fc.oneof({ weight: 6, arbitrary: action }, fc.constant(rebooted)));

function live(guest: Guest, steps: [number, Action][], stride: (pause: number) => number[]) {
  const events: GuestEvent[] = [];
  let now = 0;
  let then = guest;
  for (const [pause, act] of steps) {
    let nextAt: number | undefined;
    for (const part of stride(pause)) {
      const moved = advance(then, Milliseconds(now + part), nextAt);
      ({ guest: then, nextAt } = moved);
      events.push(...moved.events);
    }
    now += pause;
    then = act(then);
  }
  return { guest: then, events };
}

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 4;

test('one long advance and many short ones give the same guest and events', () => {
  assertProperty(
    fc.property(lives, behaviour, fc.boolean(), (steps, kind, autodeflate) => {
      const start = guestOf(kind, autodeflate);
      const once = live(start, steps, (pause) => [pause]);
      const often = live(start, steps, (pause) => [pause / 3, pause / 2, pause * 0.9, pause]);
      expect(often.events).toEqual(once.events);
      expect(often.guest.dimms).toEqual(once.guest.dimms);
      expect(often.guest.virtioMems).toEqual(once.guest.virtioMems);
      expect(often.guest.balloon).toEqual(once.guest.balloon);
      expect(often.guest.report?.at).toBe(once.guest.report?.at);
      expect(close(often.guest.swapIn, once.guest.swapIn)).toBe(true);
      expect(close(often.guest.swapOut, once.guest.swapOut)).toBe(true);
    }),
  );
});

test('after any sequence of actions its figures are possible and its counters never fall', () => {
  assertProperty(
    fc.property(life, behaviour, fc.boolean(), (steps, kind, autodeflate) => {
      let before = guestOf(kind, autodeflate);
      let now = 0;
      for (const [pause, act] of steps) {
        const moved = advance(before, Milliseconds(now + pause)).guest;
        now += pause;
        expect(current(moved)).toBeGreaterThanOrEqual(0);
        expect(current(moved)).toBeLessThanOrEqual(memory(moved));
        expect(residentOnHost(moved)).toBeLessThanOrEqual(wholeMemory(moved) + 36 * MIB);
        const [virtioMem] = moved.virtioMems;
        const { current: inUse = NaN, reported, size = NaN } = virtioMem ?? {};
        expect(inUse % BLOCK).toBe(0);
        expect([inUse >= 0, inUse <= size, inUse]).toEqual([true, true, reported]);
        expect(wholeCurrent(moved)).toBe(current(moved) + inUse);
        expect(cpuTime(moved)).toBeGreaterThanOrEqual(cpuTime(before));
        expect(moved.swapIn).toBeGreaterThanOrEqual(before.swapIn);
        expect(moved.swapOut).toBeGreaterThanOrEqual(before.swapOut);
        expect(moved.swapOut - moved.swapIn).toBeGreaterThanOrEqual(moved.inSwap - 1);
        const { report } = moved;
        if (report) {
          const { at: when, available, unused, usable, diskCaches } = report;
          expect(when).toBeGreaterThanOrEqual(before.report?.at ?? 0);
          expect(when).toBeLessThanOrEqual(now);
          expect(Math.min(unused, diskCaches)).toBeGreaterThanOrEqual(0);
          expect(unused + diskCaches).toBeLessThanOrEqual(available);
          expect(usable).toBeLessThanOrEqual(available);
        }
        before = act(moved);
      }
    }),
  );
});
