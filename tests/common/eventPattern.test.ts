import { expect, test } from '@jest/globals';
import { matches } from '../../src/common/eventPattern.ts';

const name = '|virt|VM_status|b3f6fa00';

test.each([
  '*',
  '|virt|*',
  '|virt|VM_status|*',
  '|virt|*|b3f6fa00',
  '|*',
  name,
  '*|virt|*|*',
  '*|*|*|*',
])('%s matches', (pattern) => expect(matches(pattern, name)).toBe(true));
test.each([
  '',
  '|virt',
  '|virt|',
  '|net|*',
  'virt|*',
  '|virt|VM_status',
  `${name}|*`,
  `${name}|`,
  '*|*'.replace('*|*', '*|x'),
])('"%s" does not match', (pattern) => expect(matches(pattern, name)).toBe(false));
