import { expect, test } from '@jest/globals';
import { firstClause } from '../../src/vmemctl/vdsm/firstClause.ts';

test.each([
  ['Stop a VM. It is lost.', 'Stop a VM.'],
  ['Return its use: used, free.', 'Return its use.'],
  ['Plug one (a size; or xml) into a VM. Slow.', 'Plug one (a size; or xml) into a VM.'],
  ['Return it', 'Return it.'],
  ['Set 0.5 (open', 'Set 0.5 (open.'],
])('of %j the first clause is %j', (text, clause) => {
  expect(firstClause(text)).toBe(clause);
});
