import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../../src/common/units.ts';
import { emptyMemory } from '../../../../src/policy/decide/adaptive/memory.ts';
import { decideAdaptively } from '../../../../src/policy/decide/adaptive/adaptive.ts';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import type { Decision, GuestFigures } from '../../../../src/policy/decide/round/round.ts';
import { assertProperty } from '../../../support/property.ts';
import { type RandomRound, rounds } from './random.ts';

/** Runs the rounds and hands each to `check`, with what was remembered before it. */
function play(
  given: readonly RandomRound[],
  check: (
    round: RandomRound,
    decisions: readonly (Decision & { readonly guest: GuestFigures })[],
    before: typeof emptyMemory,
  ) => void,
): void {
  let memory = emptyMemory;
  for (const round of given) {
    const outcome = decideAdaptively(round.host, round.guests, adaptiveDefaults, memory);
    const decisions = outcome.decisions.map((decision, index) => ({
      ...decision,
      guest: round.guests[index] as GuestFigures,
    }));
    check(round, decisions, memory);
    memory = JSON.parse(JSON.stringify(outcome.memory)) as typeof emptyMemory;
  }
}

const property = (check: Parameters<typeof play>[1]): fc.IProperty<[readonly RandomRound[]]> =>
  fc.property(rounds, (given) => {
    play(given, check);
  });

/** The most that a guest's report can be read as free. */
function mostFree({
  available,
  memory = KiB(0),
  usable,
  unused,
  diskCaches,
}: GuestFigures): number {
  const isUsable = usable !== undefined && usable >= 0 && usable <= (available ?? memory);
  const size = (figure: number | undefined): number =>
    figure !== undefined && figure > 0 ? figure : 0;
  return isUsable ? usable : size(unused) + size(diskCaches);
}

test('every target is a whole number between the guarantee and the memory', () => {
  assertProperty(
    property((_, decisions) => {
      for (const { target, guest } of decisions) {
        if (target === undefined) continue;
        const { floor = 0, memory = 0 } = guest;
        expect(Number.isInteger(target)).toBe(true);
        expect(target).toBeGreaterThanOrEqual(Math.min(floor, memory));
        expect(target).toBeLessThanOrEqual(memory);
      }
    }),
  );
});

test('no guest gives more than it has reported as free, and none without a fresh report gives anything', () => {
  assertProperty(
    property(({ host }, decisions) => {
      for (const { target, guest } of decisions) {
        const { current = 0, memory = 0 } = guest;
        if (target === undefined || target >= current || current > memory) continue;
        expect(current - target).toBeLessThanOrEqual(mostFree(guest) + 4);
        expect(host.time - (guest.reportedAt ?? 0)).toBeLessThanOrEqual(
          adaptiveDefaults.staleAfter,
        );
      }
    }),
  );
});

test('guests that are not to be ballooned, or have no guarantee, are left alone', () => {
  assertProperty(
    property((_, decisions) => {
      for (const { target, guest } of decisions) {
        if (guest.exempt !== undefined || guest.floor === undefined) expect(target).toBeUndefined();
      }
    }),
  );
});

test('beyond guarantees, guests together never grow into the reserve, except by what others have freed', () => {
  assertProperty(
    property(({ host, guests }, decisions, before) => {
      const { total, available = 0 } = host;
      const growth = decisions.reduce((sum, { target, guest, reason }) => {
        const { current = 0 } = guest;
        const isOwed = reason.rule === 'guarantee';
        return sum + (isOwed ? 0 : Math.max(0, (target ?? current) - current));
      }, 0);
      const freed = guests.reduce(
        (sum, { name, current = 0 }) => {
          const known = Object.hasOwn(before.guests, name) ? before.guests[name] : undefined;
          return sum + Math.max(0, (known?.current ?? current) - current);
        },
        Math.max(0, before.freed),
      );
      // What was asked for before and has not arrived is asked for again along with the rest.
      const underWay = guests.reduce((sum, { name, current = 0 }) => {
        const known = Object.hasOwn(before.guests, name) ? before.guests[name] : undefined;
        return sum + Math.max(0, (known?.asked?.target ?? 0) - current);
      }, 0);
      const spare = Math.max(0, available - total * adaptiveDefaults.reserve);
      expect(growth).toBeLessThanOrEqual(Math.max(spare, freed) + underWay + guests.length * 4);
    }),
  );
});

test('what is decided depends on nothing but the arguments', () => {
  assertProperty(
    fc.property(rounds, (given) => {
      const seen: unknown[] = [];
      play(given, (_, decisions) => seen.push(decisions));
      const again: unknown[] = [];
      play(given, (_, decisions) => again.push(decisions));
      expect(again).toEqual(seen);
    }),
  );
});
