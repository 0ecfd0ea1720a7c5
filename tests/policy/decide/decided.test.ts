import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import {
  decidedOf,
  writtenDecision,
  writtenParameters,
} from '../../../src/policy/decide/lines/decided.ts';
import { LineError } from '../../../src/policy/decide/lines/names.ts';

const parameters = { algorithm: 'adaptive', goal: 0.3 } as const;
const line = (changes: Record<string, unknown> = {}) => ({
  decided: {
    round: 3,
    mode: 'act',
    parameters: writtenParameters(parameters),
    decisions: [],
    ...changes,
  },
});

test('what was decided is read as it was written, without the figures', () => {
  const decisions = [
    {
      name: 'a',
      target: KiB(5),
      unrounded: 5.5,
      reason: { rule: 'need', bound: 'step', inputs: { x: 1 } },
    },
    { name: 'b', reason: { rule: 'rest', inputs: {} } },
  ];
  const read = decidedOf(line({ decisions: decisions.map(writtenDecision) }));
  expect(read).toMatchObject({ round: 3, isActing: true, parameters });
  expect(read?.decisions).toStrictEqual([
    { name: 'a', target: 5, reason: { rule: 'need', bound: 'step' } },
    { name: 'b', reason: { rule: 'rest' } },
  ]);
});

test('a line need not say what was decided, nor all of it', () => {
  expect(decidedOf({})).toBeUndefined();
  const { decisions, round, isActing } =
    decidedOf({ decided: { mode: 'observe', parameters: { algorithm: 'mom' } } }) ?? {};
  expect([decisions, round, isActing]).toEqual([[], NaN, false]);
  expect(decidedOf(line({ decisions: [{}] }))?.decisions).toStrictEqual([
    { name: '', reason: { rule: 'unknown' } },
  ]);
});

test.each([
  [{ decided: 5 }, 'decided'],
  [line({ decisions: {} }), 'decided: decisions must be a list'],
  [line({ decisions: [5] }), 'decided: a decision'],
  [line({ decisions: [{ name: 5 }] }), 'decided: name must be text'],
  [line({ decisions: [{ rule: 5 }] }), 'decided: rule must be text'],
  [line({ decisions: [{ bound: 5 }] }), 'decided: bound must be text'],
  [line({ decisions: [{ target: 'x' }] }), 'decided'],
  [line({ round: 'x' }), 'decided'],
  [line({ parameters: 5 }), 'decided: parameters'],
])('%j is refused', (bad, words) => {
  expect(() => decidedOf(bad)).toThrow(LineError);
  expect(() => decidedOf(bad)).toThrow(words);
});
