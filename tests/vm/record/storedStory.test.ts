import { expect, test } from '@jest/globals';
import { parseStory } from '../../../src/vm/record/storedStory.ts';

test('how a target came about is read as it was written', () => {
  const story = { by: 'client', since: 5, wished: 100, bound: 'floor', least: 1, most: 2 };
  expect(parseStory(JSON.stringify(story))).toEqual(story);
});

test.each([
  '',
  'nonsense',
  '{',
  'null',
  '[]',
  '{}',
  '{"by":"somebody"}',
  '{"by":"client","least":"1"}',
])('%j does not say how a target came about', (text) => {
  expect(parseStory(text)).toBeUndefined();
});
