import { expect, test } from '@jest/globals';
import { canonicalText } from '../../../src/vm/record/canonicalText.ts';

test('members are in order of their names, in whatever order they were set, at every depth', () => {
  const [one, other] = [
    { b: 1, a: [{ d: 1, c: null }], e: undefined },
    { a: [{ c: null, d: 1 }], b: 1 },
  ];
  expect(canonicalText(one)).toBe('{"a":[{"c":null,"d":1}],"b":1}');
  expect(canonicalText(other)).toBe(canonicalText(one));
});

test('members of an array keep their order', () => {
  expect(canonicalText(['b', 'a', 2, 1])).toBe('["b","a",2,1]');
  expect(canonicalText(Array.from({ length: 11 }, (_, n) => n))).toBe('[0,1,2,3,4,5,6,7,8,9,10]');
});

test.each([
  [null, 'null'],
  ['text', '"text"'],
  [false, 'false'],
])('%j is as JSON has it', (value, text) => {
  expect(canonicalText(value)).toBe(text);
});
