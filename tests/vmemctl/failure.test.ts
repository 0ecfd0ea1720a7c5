import { expect, test } from '@jest/globals';
import { UnreachableError } from '../../src/client/index.ts';
import { failureOf } from '../../src/vmemctl/failure.ts';

const PLAIN = { where: 'ws://localhost:1', reason: 'nothing listens there', isRefused: false };
const TLS = { where: 'wss://kvm1:1', reason: 'a certificate', isRefused: false };

test.each([
  ['nothing listens', [PLAIN], /; see that vmemd runs there, or name another host by --host\.$/],
  ['files of this client', [PLAIN, { ...TLS, fault: 'own-files' as const }], /; name .* --pki, or/],
  [
    'its certificate',
    [{ ...TLS, fault: 'daemon-certificate' as const }],
    /; see to .* on that host/,
  ],
])('a daemon that cannot be reached for %s is told with what helps', (_, attempts, sentence) => {
  const { exit, sentence: said } = failureOf(new UnreachableError(attempts));
  expect(exit).toBe(3);
  expect(said).toMatch(sentence);
});

test('an error that is none of ours is a bug, which is told with its place', () => {
  const { exit, sentence, bug } = failureOf(new TypeError('of a test'));
  expect([exit, sentence]).toEqual([1, 'unexpected error: of a test; -v shows where.']);
  expect(bug).toMatch(/^TypeError: of a test\n {4}at /);
});
