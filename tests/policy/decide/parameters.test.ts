import { describe, expect, test } from '@jest/globals';
import { EXEMPTIONS } from '../../../src/policy/decide/lines/fields.ts';
import { numberOf } from '../../../src/policy/decide/lines/names.ts';
import {
  knownParameters,
  namedSettings,
  parametersAfter,
} from '../../../src/policy/decide/lines/parameters.ts';

const adaptive = { algorithm: 'adaptive', goal: 0.3, twoPhases: false } as const;

describe('the parameters of a line', () => {
  test('change what it names, and keep the rest', () => {
    expect(parametersAfter(adaptive, { reserve: 0.1 })).toEqual({ ...adaptive, reserve: 0.1 });
    expect(parametersAfter(adaptive, {})).toEqual(adaptive);
    expect(parametersAfter(adaptive, { algorithm: 'adaptive', goal: null })).toEqual({
      algorithm: 'adaptive',
      twoPhases: false,
    });
  });

  test('begin anew with another algorithm', () => {
    expect(parametersAfter(adaptive, { algorithm: 'mom' })).toEqual({ algorithm: 'mom' });
    expect(parametersAfter({ algorithm: 'mom' }, { algorithm: 'adaptive' })).toEqual({
      algorithm: 'adaptive',
    });
  });

  test.each([
    [{ algorithm: 'best' }, 'algorithm must be mom or adaptive'],
    [{ goal: 0.04 }, 'goal (0.04) must be at least reserve (0.05)'],
    [{ goal: 'much' }, 'goal must be a number from'],
    [{ goal: true }, 'goal must be a number from'],
    [{ two_phases: 1 }, 'two_phases must be true or false'],
    [{ two_phases: 'vdsm' }, 'two_phases must be true or false'],
    [{ twoPhases: true }, 'there is no twoPhases, use some of: '],
    [{ pressure_threshold: 0.5 }, 'there is no pressure_threshold'],
  ])('%j is refused', (given, words) => {
    expect(() => parametersAfter(adaptive, given)).toThrow(words);
  });

  test('of mom have no order of goal and reserve', () => {
    expect(parametersAfter({ algorithm: 'mom' }, { pressure_threshold: 0 })).toEqual({
      algorithm: 'mom',
      pressureThreshold: 0,
    });
  });

  test('may have a goal that is the reserve', () => {
    const equal = { goal: 0.05, reserve: 0.05 };
    expect(parametersAfter({ algorithm: 'adaptive' }, equal)).toMatchObject(equal);
  });

  test('may be the least and the most of a range, and nothing beyond', () => {
    const refusal = (given: object): string => {
      try {
        parametersAfter(adaptive, { ...given });
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const [, least = '', most = ''] =
      /from ([\d.]+) to ([\d.]+)/.exec(refusal({ step: 'x' })) ?? [];
    expect(refusal({ step: Number(least) })).toBe('');
    expect(refusal({ step: Number(most) })).toBe('');
    expect(refusal({ step: Number(least) - 1e-6 })).toContain('step must be');
    expect(refusal({ step: Number(most) + 1e-6 })).toContain('step must be');
  });
});

test('settings are named as in lines, without the algorithm', () => {
  expect(namedSettings(adaptive)).toEqual({ goal: 0.3, two_phases: false });
});

test('of recorded parameters those are taken that are known', () => {
  expect(knownParameters({ algorithm: 'adaptive', goal: 0.3, of_tomorrow: 1 })).toEqual({
    algorithm: 'adaptive',
    goal: 0.3,
  });
  expect(knownParameters({ algorithm: 'mom', pressure_threshold: 0.4, goal: 5 })).toEqual({
    algorithm: 'mom',
    pressureThreshold: 0.4,
  });
  expect(() => knownParameters({ algorithm: 'of-tomorrow' })).toThrow('must be mom or adaptive');
});

test.each([
  ['5', 5],
  ['-5.25', -5.25],
  [5.5, 5.5],
  [null, undefined],
  [undefined, undefined],
])('a figure of %j is the number %j', (value, number) => {
  expect(numberOf({ a: value }, 'a', 'guest')).toBe(number);
});

test.each(['', 'x5', '5x', '5.', '1e3', '0x10', true, []])('a figure of %j is refused', (value) => {
  expect(() => numberOf({ a: value }, 'a', 'guest')).toThrow('guest: a must be a number');
});

test('the exemptions of a line are words of its format', () => {
  expect(EXEMPTIONS).toEqual([
    'paused',
    'migrating',
    'no-balloon',
    'disabled',
    'hugepages',
    'locked',
    'assigned-device',
    'pinned',
    'not-managed',
    'busy',
    'not-answering',
    'reserving',
  ]);
});
