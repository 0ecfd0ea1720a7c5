import { expect, test } from '@jest/globals';
import { failureOf } from '../../src/vmemctl/failure.ts';

test('an error that is none of ours is a bug, which is told with its place', () => {
  const { exit, sentence, bug } = failureOf(new TypeError('of a test'));
  expect([exit, sentence]).toEqual([1, 'unexpected error: of a test; -v shows where.']);
  expect(bug).toMatch(/^TypeError: of a test\n {4}at /);
});
