import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
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
