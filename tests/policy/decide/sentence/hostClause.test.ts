import { expect, test } from '@jest/globals';
import type { HostReason } from '../../../../src/policy/decide/round/round.ts';
import { hostClause, hostSentence } from '../../../../src/policy/decide/sentence/hostClause.ts';

const GIB = 1024 ** 2;
const host = (
  state: HostReason['state'],
  available: number,
  inputs: Record<string, number> = {},
): HostReason => ({
  state,
  inputs: { available: available * GIB, goal: 4 * GIB, reserve: GIB, ...inputs },
});

test.each([
  [host('enough', 6), 'the host has 2 GiB more than its goal'],
  [host('enough', 4), 'the host has as much as its goal'],
  [host('short', 3), 'the host has 1 GiB less than its goal'],
  [host('critical', 0.5), 'the host has 512 MiB less than its reserve'],
  [host('stalled', 6), 'the host has 2 GiB more than its goal, but its tasks wait for memory'],
  [{ state: 'unknown', inputs: {} }, 'how much memory the host has is not known'],
  [
    { state: 'enough', inputs: { available: 1, goal: 1 } },
    'how much memory the host has is not known',
  ],
  [
    { state: 'enough', inputs: { available: 1, reserve: 1 } },
    'how much memory the host has is not known',
  ],
  [
    { state: 'enough', inputs: { goal: 1, reserve: 1 } },
    'how much memory the host has is not known',
  ],
] as const)('a host with %j is told', (reason, clause) => {
  expect(hostClause(reason)).toBe(clause);
  expect(hostSentence(reason)).toBe(`${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`);
});

test('nothing is said of a host of which nothing is known', () => {
  expect(hostClause(undefined)).toBeUndefined();
});

test('a host that is calm says when guests can grow, another one does not', () => {
  const calm = { growsInSeconds: 50 };
  expect(hostSentence(host('enough', 6, calm))).toBe(
    'The host has 2 GiB more than its goal; guests grow beyond their needs in 50 s at the earliest.',
  );
  expect(hostSentence(host('short', 3, calm))).toBe('The host has 1 GiB less than its goal.');
});
