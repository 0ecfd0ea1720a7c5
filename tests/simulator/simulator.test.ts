import { describe, expect, test } from '@jest/globals';
import { judged, swapTraffic, verdicts } from '../../bench/policy/bars.ts';
import { drawn } from '../../bench/policy/scenarios/drawn.ts';
import { load } from '../../bench/policy/scenarios/load.ts';
import { overcommit, trouble } from '../../bench/policy/scenarios/trouble.ts';
import type { Scenario } from '../../bench/policy/scenario.ts';
import { run } from '../../bench/policy/run.ts';
import { squeezedResults } from '../../bench/policy/squeezed.ts';

const scenario = (name: string): Scenario => {
  const found = [...load, ...trouble, ...overcommit].find((each) => each.name === name);
  if (!found) throw new Error(`no scenario ${name}`);
  return found;
};

describe("squeezed's scenarios and negative controls", () => {
  test.each(squeezedResults().map((result) => [result.id, result] as const))(
    '%s ends as it must',
    (_, { expected, hasSucceeded }) => {
      expect(hasSucceeded).toBe(expected);
    },
  );
});

describe('in the simulator', () => {
  test('adaptive restores 20 % within 45 s after a step, and mom takes minutes and then cycles', () => {
    const { of } = judged(scenario('step'));
    expect(of.adaptive.restoredAfter).toBeLessThanOrEqual(45);
    expect(of.mom.restoredAfter).toBeGreaterThan(150);
    expect(of.adaptive.turns).toBeLessThanOrEqual(2);
    expect(of.mom.turns).toBeGreaterThan(20);
  });

  test('adaptive serves a starving guest within three rounds, and mom never does', () => {
    const { of } = judged(scenario('starving'));
    expect(of.adaptive.servedAfter).toBeLessThanOrEqual(15);
    expect(of.mom.servedAfter).toBe(Infinity);
    expect(swapTraffic(of.adaptive)).toBeLessThan(swapTraffic(of.mom) / 5);
  });

  test('adaptive leaves a host with 21 % free what it has, and mom spends most of it', () => {
    const { of } = judged(scenario('relief'));
    expect(of.adaptive.leastAvailable).toBeGreaterThan(0.2);
    expect(of.mom.leastAvailable).toBeLessThan(0.1);
  });

  test('a stuck balloon is made up for by the others', () => {
    const { measures } = run(scenario('stuck balloon'), 'adaptive');
    expect(measures.restoredAfter).toBeLessThanOrEqual(45);
  });

  test('the same seed draws the same scenario, and a run of it gives the same measures', () => {
    expect(run(drawn(5), 'adaptive')).toEqual(run(drawn(5), 'adaptive'));
    expect(drawn(5).what).not.toBe(drawn(6).what);
  });

  test('a bar that no scenario is about is left out', () => {
    const bars = verdicts([judged(drawn(19))]).map(({ bar }) => bar);
    expect(bars.some((bar) => bar.includes('starving'))).toBe(false);
  });
});
