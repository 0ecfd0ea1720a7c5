import { expect, test } from '@jest/globals';
import { messageOf } from '../../src/common/messageOf.ts';

test.each([
  [new TypeError('no such file'), 'no such file'],
  [{ message: 'an error of another realm' }, 'an error of another realm'],
  ['text', 'text'],
  [undefined, 'undefined'],
])('the message of %p is %p', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
