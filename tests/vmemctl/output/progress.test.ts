import { describe, expect, test } from '@jest/globals';
import { formatDuration, secondsSince } from '../../../src/vmemctl/output/duration.ts';
import { lookOf } from '../../../src/vmemctl/output/look.ts';
import { progressBar, secondsLeft } from '../../../src/vmemctl/output/progressBar.ts';

describe('a duration', () => {
  test.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [12.4, '12 s'],
    [59.6, '1 min'],
    [65, '1 min 5 s'],
    [3600, '1 h'],
    [3659, '1 h'],
    [3660, '1 h 1 min'],
    [187_200, '2 d 4 h'],
    [-3, '0 s'],
  ])('of %d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test('since a time is never negative', () => {
    const now = Date.parse('2026-01-01T00:01:00Z');
    expect(secondsSince('2026-01-01T00:00:00Z', now)).toBe(60);
    expect(secondsSince('2026-01-01T00:02:00Z', now)).toBe(0);
  });
});

describe('a progress bar', () => {
  test.each([
    [0, '──────────'],
    [0.25, '━━━───────'],
    [1, '━━━━━━━━━━'],
    [7, '━━━━━━━━━━'],
  ])('of %d', (fraction, bar) => {
    expect(progressBar(fraction, 10, lookOf({}, { LANG: 'C.UTF-8' }))).toBe(bar);
  });

  test('has only ASCII where the locale has', () => {
    expect(progressBar(0.5, 10, lookOf({}, {}))).toBe('#####.....');
  });
});

test('what is left is told once something is done', () => {
  expect(secondsLeft(0, 10)).toBeUndefined();
  expect(secondsLeft(0.25, 10)).toBe(30);
  expect(secondsLeft(1, 10)).toBe(0);
});
