import { describe, expect, test } from '@jest/globals';
import {
  scenarios,
  SqueezedHost,
  type SqueezedScenario,
} from '../../../../bench/policy/squeezed.ts';
import type { Patience } from '../../../../src/policy/reservations/plan/asked.ts';
import type { Failure } from '../../../../src/policy/reservations/plan/failure.ts';
import { emptyPlan, planRound } from '../../../../src/policy/reservations/plan/round.ts';

const MIB = 1024;
const SECONDS = 120;
const INTERVAL = 2;

interface Play {
  readonly patience?: Patience;
  /** When what is reserved is used: once the host shows it, or once guests are asked for it. */
  readonly used?: 'made' | 'asked';
}

interface Outcome {
  readonly isMade: boolean;
  readonly failure?: Failure;
  readonly seconds: number;
  /** MiB that were used before they were free. */
  readonly overspent: number;
  readonly asked: ReadonlySet<string>;
}

/** Reserves what a scenario needs of its host. */
function play(scenario: SqueezedScenario, { patience, used = 'made' }: Play = {}): Outcome {
  const host = new SqueezedHost(scenario.vms, scenario.free);
  const asked = new Set<string>();
  const size = scenario.needed * MIB;
  let memory = emptyPlan;
  const wait = (): void => {
    for (let second = 0; second < INTERVAL; second++) host.advance();
  };
  wait();
  for (let time = INTERVAL; time <= SECONDS + INTERVAL; time += INTERVAL) {
    const room = {
      time,
      available: host.available * MIB,
      reserve: 0,
      isDefended: true,
      ...(patience && { patience }),
    };
    const claim = { id: 'r', size, isMade: false, deadline: SECONDS, depth: 'used' as const };
    const plan = planRound(room, host.figures, [claim], memory);
    memory = plan.memory;
    const [failure] = plan.failed;
    const seen = { seconds: time, overspent: 0, asked };
    if (failure) return { ...seen, isMade: false, failure };
    if (plan.made.length > 0) return { ...seen, isMade: true };
    for (const { name, target } of plan.asks) {
      host.setTarget(name, target / MIB);
      asked.add(name);
    }
    if (used === 'asked')
      return { ...seen, isMade: false, overspent: scenario.needed - host.available };
    wait();
  }
  throw new Error('neither made nor failed');
}

const scenario = (id: string): SqueezedScenario => {
  const found = scenarios.find((one) => one.id === id);
  if (!found) throw new Error(`no scenario ${id}`);
  return found;
};

describe("squeezed's scenarios", () => {
  test.each(['a', 'b', 'e'])('%s: what is needed is freed by those that can', (id) => {
    expect(play(scenario(id))).toMatchObject({ isMade: true, overspent: 0 });
  });

  test('c: floors that leave too little fail at once, and nobody is asked', () => {
    const outcome = play(scenario('c'));
    expect(outcome.isMade).toBe(false);
    expect([...outcome.asked]).toEqual([]);
    expect(outcome.failure).toMatchObject({
      isLate: false,
      missing: 1500 * MIB,
      possible: 1000 * MIB,
      unyielding: [],
    });
  });

  test('d: a VM that is stuck above its floor is named', () => {
    const { isMade, failure } = play(scenario('d'));
    expect(isMade).toBe(false);
    expect(failure?.unyielding).toMatchObject([
      { name: 'vm2', reason: 'stuck', current: 2250 * MIB },
    ]);
    expect(failure?.missing).toBe(250 * MIB);
  });

  test('e: the VM that works frees all, and is not among the stuck', () => {
    const { asked } = play(scenario('e'));
    expect([...asked].sort()).toEqual(['vm1', 'vm2']);
  });

  test('f: used as soon as it is asked for, memory is used before it is free', () => {
    expect(play(scenario('e'), { used: 'asked' }).overspent).toBeGreaterThan(0);
  });

  test('g: without making up for what a VM does not give, too little is freed', () => {
    const patience = { patience: Infinity, stuckAfter: Infinity };
    const { isMade, failure } = play(scenario('a'), { patience });
    expect(isMade).toBe(false);
    expect(failure?.unyielding).toMatchObject([{ name: 'vm1', current: 1250 * MIB }]);
  });

  test('h: what is free is had without asking anybody', () => {
    const { isMade, asked } = play({ ...scenario('h'), needed: 1000 });
    expect({ isMade, asked: [...asked] }).toEqual({ isMade: true, asked: [] });
  });
});
