import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { adaptiveDefaults } from '../../../src/policy/decide/adaptive/parameters.ts';
import { decide, type PolicyMemory } from '../../../src/policy/decide/decide.ts';
import type { GuestFigures, HostFigures } from '../../../src/policy/decide/round/round.ts';
import { withoutUnsent } from '../../../src/policy/decide/unsent.ts';

const MIB = 1024;
const parameters = { algorithm: 'adaptive' } as const;

const host = (time: number, available: number): HostFigures => ({
  time,
  total: KiB(16_384 * MIB),
  available: KiB(available * MIB),
});

const guest = (name: string, time: number): GuestFigures => ({
  name,
  current: KiB(4096 * MIB),
  floor: KiB(1024 * MIB),
  memory: KiB(4096 * MIB),
  reportedAt: time,
  available: KiB(4000 * MIB),
  unused: KiB(3000 * MIB),
  usable: KiB(3000 * MIB),
});

/** Decides ten rounds on a host that is short of memory, of which only the targets of these guests are sent. */
function tenRounds(isSent: (name: string) => boolean) {
  let memory: PolicyMemory = {};
  return Array.from({ length: 10 }, (_, index) => {
    const time = 1000 + index * 5;
    const guests = [guest('a', time), guest('b', time)];
    const outcome = decide(host(time, 1000), guests, parameters, memory);
    memory = withoutUnsent(outcome.memory, memory, isSent);
    return outcome.decisions.map(({ target, reason: { rule } }) => ({
      isAsked: target !== undefined,
      rule,
    }));
  });
}

test('a round whose targets were not sent decides the same again, and waits for no balloon', () => {
  for (const decisions of tenRounds(() => false)) {
    expect(decisions).toEqual([
      { isAsked: true, rule: 'host-short' },
      { isAsked: true, rule: 'host-short' },
    ]);
  }
});

test('only balloons that were asked can be stuck', () => {
  const last = tenRounds((name) => name === 'a').at(-1);
  expect(last).toMatchObject([{ rule: 'stuck' }, { isAsked: true, rule: 'host-short' }]);
});

test('what the mom algorithm remembers does not depend on what was sent', () => {
  const { memory } = decide(host(1000, 1000), [guest('a', 1000)], { algorithm: 'mom' }, {});
  expect(withoutUnsent(memory, {}, () => false)).toEqual(memory);
});

describe('a target that was not sent', () => {
  const GIVEN = 400 * MIB;
  /** Half of its memory, all of it touched; the host has so much beyond its goal and the margin. */
  const SPARE = 4000;
  const spared = 16_384 * 0.21 + SPARE;
  const half = (time: number, more: Partial<GuestFigures> = {}): GuestFigures => ({
    ...guest('a', time),
    current: KiB(2048 * MIB),
    resident: KiB(2048 * MIB),
    available: KiB(2000 * MIB),
    unused: KiB(1500 * MIB),
    usable: KiB(1500 * MIB),
    ...more,
  });

  /** Decides rounds, of which the targets of some are sent. */
  const play = (
    rounds: readonly { host: HostFigures; guests: readonly GuestFigures[]; isSent: boolean }[],
    isSentTo: (name: string) => boolean = () => true,
  ) => {
    let memory: PolicyMemory = {};
    return rounds.map((round) => {
      const outcome = decide(round.host, round.guests, { algorithm: 'adaptive' }, memory);
      memory = withoutUnsent(outcome.memory, memory, (name) => round.isSent && isSentTo(name));
      return { ...outcome, memory };
    });
  };
  const spareHost = (time: number): HostFigures => host(time, spared);

  test('is no memory given, so that the host has as much for those that lack it', () => {
    const rounds = [1000, 1005].map((time) => ({
      host: spareHost(time),
      guests: [half(time)],
      isSent: false,
    }));
    const [first, second] = play(rounds);
    expect(first?.decisions[0]?.reason.rule).toBe('relief');
    expect(second?.decisions[0]?.target).toBe(first?.decisions[0]?.target);
    expect(second?.hostReason.inputs['forNeed']).toBe(first?.hostReason.inputs['forNeed']);
  });

  test('does not prolong the time in which earlier memory counts as about to be touched', () => {
    const floor = KiB(2048 * MIB + GIVEN);
    const given = { floor, current: floor };
    const rounds = [
      { host: host(1000, 4000), guests: [half(1000, { floor })], isSent: true },
      ...[1060, 1120].map((time) => ({
        host: spareHost(time),
        guests: [half(time, given)],
        isSent: false,
      })),
    ];
    const [first, second, last] = play(rounds);
    expect(first?.decisions[0]).toMatchObject({ target: floor, reason: { rule: 'guarantee' } });
    expect(second?.decisions[0]?.target).toBeGreaterThan(floor);
    const awaited = GIVEN / Math.E;
    expect(last?.hostReason.inputs['forNeed']).toBeCloseTo(SPARE * MIB - awaited, -4);
  });

  test('does not bring back one from before something else moved the balloon, which would seem stuck', () => {
    const short = (time: number, current: number, isSent: boolean) => ({
      host: host(time, 1000),
      guests: [{ ...guest('a', time), current: KiB(current * MIB) }],
      isSent,
    });
    const rounds = [
      short(1000, 3000, true),
      short(1005, 2700, true),
      ...[1010, 1020, 1030, 1040].map((time) => short(time, 4096, false)),
    ];
    for (const { decisions } of play(rounds)) {
      expect(decisions[0]?.reason.rule).toBe('host-short');
    }
  });

  test('leaves what a neighbour has freed below the reserve to starving guests', () => {
    const freed = 400 * MIB;
    const full = (time: number, swapOut: number): GuestFigures =>
      half(time, { name: 'full', usable: KiB(0), swapIn: KiB(swapOut / 2), swapOut: KiB(swapOut) });
    const giver = (time: number, taken: number): GuestFigures => {
      const current = KiB(4096 * MIB - taken);
      return { ...guest('giver', time), current, resident: current };
    };
    const rounds = [
      { host: host(1000, 100), guests: [full(1000, 0), giver(1000, 0)], isSent: true },
      ...[1010, 1015].map((time) => ({
        host: host(time, 100),
        guests: [full(time, 4096 * MIB), giver(time, freed)],
        isSent: false,
      })),
    ];
    const [, first, again] = play(rounds).map(({ decisions: [one] }) => one?.target ?? NaN);
    expect((first ?? NaN) - 2048 * MIB).toBe(freed / 2);
    // It is lost by two thirds within half a minute.
    expect((again ?? NaN) - 2048 * MIB).toBeCloseTo((freed / 2) * Math.exp(-5 / 30), -1);
  });

  describe('has not relieved the guest, so that the next growth after a shortage', () => {
    const { calm } = adaptiveDefaults;
    /** A host that has to spare or is short, at these times. */
    const spare = (time: number, isSent: boolean) => ({
      host: host(time, 16_384),
      guests: [half(time), half(time, { name: 'b' })],
      isSent,
    });
    const short = (time: number) => ({ ...spare(time, true), host: host(time, 1000) });
    const waits = (rounds: Parameters<typeof play>[0], isSent?: (name: string) => boolean) =>
      play(rounds, isSent).at(-1)?.hostReason.inputs['growsInSeconds'];

    test('waits no longer, unless another target was sent', () => {
      expect(waits([spare(1000, true), short(1005)])).toBe(4 * calm);
      expect(waits([spare(1000, false), short(1005)])).toBe(calm);
      expect(waits([spare(1000, true), short(1005)], (name) => name === 'a')).toBe(4 * calm);
    });

    test('waits longer if one before was sent', () => {
      const idle = { ...spare(1005, false), guests: [] };
      expect(waits([spare(1000, true), idle, short(1010)])).toBe(4 * calm);
    });

    test('waits as long as the last time', () => {
      const first = [spare(1000, true), short(1005)];
      const later = 1005 + 20 * calm;
      const again = [spare(later, false), short(later + 5)];
      expect(waits([...first, ...again])).toBe(4 * calm);
    });
  });
});
