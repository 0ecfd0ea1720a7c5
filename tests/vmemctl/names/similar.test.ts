import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, distance, similar } from '../../../src/vmemctl/names/similar.ts';
import { assertProperty } from '../../support/property.ts';

const COMMANDS = [
  'list',
  'show',
  'set',
  'balloon',
  'guarantee',
  'devices',
  'jobs',
  'doctor',
  'top',
];

describe('a mistyped word finds the one that was meant', () => {
  test.each([
    ['lst', 'list'],
    ['lsit', 'list'],
    ['List', 'list'],
    ['shwo', 'show'],
    ['baloon', 'balloon'],
    ['device', 'devices'],
    ['garantee', 'guarantee'],
    ['docter', 'doctor'],
  ])('%s', (typed, meant) => {
    expect(similar(typed, COMMANDS)).toBe(meant);
  });
});

test('a word that is far from all finds none', () => {
  expect(['xyz', 'memory', '', 'q'].map((word) => similar(word, COMMANDS))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(didYouMean('xyz', COMMANDS)).toBe('');
});

test('a question is ready to be appended', () => {
  expect(didYouMean('lst', COMMANDS)).toBe(' Did you mean "list"?');
});

const word = fc.string({ maxLength: 8 });

test('the distance is symmetric, 0 only for the same, and at most the longer length', () => {
  assertProperty(
    fc.property(word, word, (a, b) => {
      const away = distance(a, b);
      expect(away).toBe(distance(b, a));
      expect(away === 0).toBe(a === b);
      expect(away).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(away).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
    }),
  );
});

test('a limit changes no distance below it', () => {
  assertProperty(
    fc.property(word, word, fc.integer({ min: 1, max: 6 }), (a, b, limit) => {
      expect(distance(a, b, limit)).toBe(Math.min(distance(a, b), limit));
    }),
  );
});
