import { describe, expect, test } from '@jest/globals';
import { configuredParameters } from '../../../src/policy/decide/lines/settings.ts';

test('settings of the configuration are numbers, truth values or words, by their names in lines', () => {
  expect(configuredParameters('adaptive', ['goal=0.15', 'two_phases = false'])).toEqual({
    algorithm: 'adaptive',
    goal: 0.15,
    twoPhases: false,
  });
  expect(configuredParameters('adaptive', ['two_phases=true', 'stall=25'])).toEqual({
    algorithm: 'adaptive',
    twoPhases: true,
    stall: 25,
  });
  expect(configuredParameters('mom', ['critical_offset=-0.1', 'flavour=mom-doc'])).toEqual({
    algorithm: 'mom',
    criticalOffset: -0.1,
    flavour: 'mom-doc',
  });
  expect(configuredParameters('mom', [])).toEqual({ algorithm: 'mom' });
});

describe('refused is', () => {
  test.each([
    ['a setting without a value', 'goal', /"goal" has no value/],
    ['one of another algorithm', 'flavour=vdsm', /there is no flavour/],
    ['one outside its range', 'goal=2', /goal must be a number from 0 to 0.9/],
    ['a number with more behind it', 'goal=0.1x', /goal must be a number/],
    ['a number with more before it', 'goal=x0.1', /goal must be a number/],
    ['a word for a number', 'goal=much', /goal must be a number/],
    ['a choice of the algorithm', 'algorithm=mom', /algorithm is none of them/],
  ])('%s', (_, setting, message) => {
    expect(() => configuredParameters('adaptive', [setting])).toThrow(message);
  });
});
