import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, Milliseconds, Seconds } from '../../src/common/units.ts';
import { usageOf } from '../../src/memory/usage.ts';
import { History } from '../../src/vm/history.ts';
import { assertProperty } from '../support/property.ts';

const MIB = 1024;
const MEMORY = 1024 * MIB;
/** What the kernel keeps for itself. */
const RESERVED = 40 * MIB;
/** The time between two moments of the model, in milliseconds. */
const STEP = 20;

interface Scenario {
  readonly autodeflate: boolean;
  /** What the guest uses, in KiB. */
  readonly used: number;
  /** How fast its balloon moves, in KiB per second. */
  readonly rate: number;
  /** The time between two reports and between two samples, in milliseconds. */
  readonly period: number;
  readonly interval: number;
  /** How long the guest takes from its measurement to its report, and a sample from request to reply. */
  readonly guestDelay: number;
  readonly roundTime: number;
  /** What the balloon shall hold, as part of what it can, and for how long it shall stay so. */
  readonly targets: readonly { readonly part: number; readonly lasts: number }[];
  /** By how many seconds the wall clock is set, and when. */
  readonly clockSet: { readonly at: number; readonly by: number };
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  autodeflate: fc.boolean(),
  used: fc.integer({ min: 60 * MIB, max: 600 * MIB }),
  rate: fc.constantFrom(1, 4, 16, 64, 256).map((mib) => mib * MIB),
  period: fc.integer({ min: 1, max: 15 }).map((s) => s * 1000),
  interval: fc.integer({ min: 1, max: 15 }).map((s) => s * 1000),
  guestDelay: fc.constantFrom(0, 20, 200, 600),
  roundTime: fc.constantFrom(20, 200, 2000),
  targets: fc.array(
    fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), lasts: fc.nat(40_000) }),
    { minLength: 1, maxLength: 6 },
  ),
  clockSet: fc.record({ at: fc.nat(150_000), by: fc.constantFrom(0, 0, 0, -30, 30, -3600) }),
});

/** QEMU sends the first event of a movement at once, and then the newest size once a second. */
class BalloonEvents {
  #sentAt = -Infinity;
  #pending: number | undefined;

  due(now: number, change: number | undefined): number | undefined {
    this.#pending = change ?? this.#pending;
    if (this.#pending === undefined || now - this.#sentAt < 1000) return undefined;
    const event = this.#pending;
    this.#pending = undefined;
    this.#sentAt = now;
    return event;
  }
}

interface Report {
  readonly lastUpdate: number;
  readonly available: number;
  readonly usable: number;
}

/** A guest that measures its memory each period, and reports it a little later. */
class ReportingGuest {
  readonly #scenario: Scenario;
  #measured: (Omit<Report, 'lastUpdate'> & { readonly at: number }) | undefined;
  /** What QEMU has of it. */
  report: Report | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  pass(now: number, held: number, wallTime: number): void {
    const { autodeflate, used, period, guestDelay } = this.#scenario;
    if (now % period === 0) {
      const available = MEMORY - RESERVED - (autodeflate ? 0 : held);
      this.#measured = { at: now, available, usable: MEMORY - RESERVED - held - used };
    }
    if (!this.#measured || now < this.#measured.at + guestDelay) return;
    const { available, usable } = this.#measured;
    this.report = { available, usable, lastUpdate: Math.floor(wallTime) };
    this.#measured = undefined;
  }
}

/** Plays a scenario; calls `check` with what vmemd says of the guest after each sample, or undefined. */
function play(scenario: Scenario, check: (used: number | undefined, at: number) => void): void {
  const { autodeflate, used, rate, period, interval, roundTime } = scenario;
  const history = new History(60);
  const events = new BalloonEvents();
  const most = MEMORY - RESERVED - used - 30 * MIB;
  const end = scenario.targets.reduce((sum, { lasts }) => sum + 1500 + lasts, 0);
  const settled = end + (most / rate) * 1000 + 2 * (period + interval + roundTime) + 5000;
  const wall = (now: number): number =>
    1_790_000_000.3 + now / 1000 + (now >= scenario.clockSet.at ? scenario.clockSet.by : 0);
  let held = 0;
  const guest = new ReportingGuest(scenario);
  let asked: { readonly at: number; readonly due: number } | undefined;
  let nextSample = 0;
  for (let now = 0; now <= settled; now += STEP) {
    const before = held;
    const way = (rate * STEP) / 1000;
    const target = targetAt(scenario, now) * most;
    held = Math.round(held + Math.max(-way, Math.min(way, target - held)));
    const event = events.due(now, held === before ? undefined : held);
    if (event !== undefined)
      history.moveBalloon(KiB(MEMORY - event), KiB(event), Milliseconds(now));
    guest.pass(now, held, wall(now));
    if (!asked && now >= nextSample) asked = { at: now, due: now + roundTime };
    // QEMU is read at some moment of the round.
    if (asked && now >= asked.due) {
      push(history, { held, report: guest.report, askedAt: asked.at, now, wallTime: wall(now) });
      nextSample = now + interval;
      asked = undefined;
      const { newest } = history;
      check(newest && usageOf(KiB(MEMORY), autodeflate, newest).used, now);
    }
  }
}

function targetAt({ targets }: Scenario, now: number): number {
  let from = 0;
  for (const { part, lasts } of targets) {
    // A balloon that turns twice within a second shows only half of that.
    from += 1500 + lasts;
    if (now < from) return part;
  }
  return targets.at(-1)?.part ?? 0;
}

interface Reading {
  readonly held: number;
  readonly report: Report | undefined;
  readonly askedAt: number;
  readonly now: number;
  readonly wallTime: number;
}

function push(history: History, { held, report, askedAt, now, wallTime }: Reading): void {
  history.push(
    {
      state: 'running',
      at: Milliseconds(now),
      current: KiB(MEMORY - held),
      balloonHeld: KiB(held),
      lastUpdate: Seconds(report?.lastUpdate ?? 0),
      ...(report && { available: KiB(report.available), usable: KiB(report.usable) }),
    },
    { askedAt: Milliseconds(askedAt), wallTime: Seconds(wallTime) },
  );
}

test('used is within a tenth of the truth whenever it is given, and given once the balloon rests', () => {
  assertProperty(
    fc.property(scenarios, (scenario) => {
      let last: number | undefined;
      play(scenario, (used, at) => {
        last = used;
        if (used === undefined) return;
        const error = Math.abs(used - scenario.used) / scenario.used;
        if (error > 0.1) throw new Error(`${String(used)} at ${String(at)} ms`);
      });
      expect(last).toBe(scenario.used);
    }),
    { seconds: 8 },
  );
});

test('used is given also while the balloon moves slowly', () => {
  const given = { moving: 0, known: 0 };
  const scenario: Scenario = {
    autodeflate: true,
    used: 300 * MIB,
    rate: 4 * MIB,
    period: 5000,
    interval: 5000,
    guestDelay: 20,
    roundTime: 20,
    targets: [{ part: 1, lasts: 100_000 }],
    clockSet: { at: 0, by: 0 },
  };
  play(scenario, (used, at) => {
    if (at < 20_000 || at > 100_000) return;
    given.moving += 1;
    if (used !== undefined) given.known += 1;
  });
  expect(given.moving).toBeGreaterThan(10);
  expect(given.known).toBe(given.moving);
});
