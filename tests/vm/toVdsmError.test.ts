import { expect, test } from '@jest/globals';
import { HypervisorError, type HypervisorErrorKind } from '../../src/host/hypervisor.ts';
import { toVdsmError } from '../../src/vm/toVdsmError.ts';

test.each<HypervisorErrorKind>([
  'exists',
  'invalid',
  'unsupported',
  'refused',
  'timed-out',
  'unreachable',
  'failed',
])('a hypervisor that answers %s is told of under the name given, in its own words', (kind) => {
  const cause = new HypervisorError(kind, 'its words');
  expect(() => toVdsmError('BalloonError')(cause)).toThrow(
    expect.objectContaining({
      name: 'BalloonError',
      message: expect.stringContaining('its words'),
      cause,
    }),
  );
});

test('a domain that is not there is an unknown VM', () => {
  const cause = new HypervisorError('no-domain', 'not found');
  expect(() => toVdsmError('BalloonError')(cause)).toThrow(
    expect.objectContaining({ name: 'NoSuchVM' }),
  );
});

test('anything else is passed on as it is', () => {
  const bug = new TypeError('bug');
  expect(() => toVdsmError('BalloonError')(bug)).toThrow(bug);
});
