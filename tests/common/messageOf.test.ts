import { expect, test } from '@jest/globals';
import { messageOf } from '../../src/common/messageOf.ts';

test.each([
  [new TypeError('no such file'), 'no such file'],
  ['text', 'text'],
  [undefined, 'undefined'],
])('the message of %p is %p', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
