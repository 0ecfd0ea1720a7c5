import { expect, test } from '@jest/globals';
import { HypervisorError, type Refusal } from '../../src/host/hypervisor.ts';
import { as } from '../../src/vm/failure.ts';

test.each<Refusal>([
  'exists',
  'invalid',
  'unsupported',
  'refused',
  'timed-out',
  'unreachable',
  'failed',
])('a hypervisor that answers %s is told of under the name given, in its own words', (refusal) => {
  const cause = new HypervisorError(refusal, 'its words');
  expect(() => as('BalloonError')(cause)).toThrow(
    expect.objectContaining({
      name: 'BalloonError',
      message: expect.stringContaining('its words'),
      cause,
    }),
  );
});

test('a domain that is not there is an unknown VM', () => {
  const cause = new HypervisorError('no-domain', 'not found');
  expect(() => as('BalloonError')(cause)).toThrow(expect.objectContaining({ name: 'NoSuchVM' }));
});

test('anything else is passed on as it is', () => {
  const bug = new TypeError('bug');
  expect(() => as('BalloonError')(bug)).toThrow(bug);
});
