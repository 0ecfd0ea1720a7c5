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
])("an error of kind %s becomes the given error, with the hypervisor's message", (kind) => {
  const cause = new HypervisorError(kind, 'its words');
  expect(() => toVdsmError('BalloonError')(cause)).toThrow(
    expect.objectContaining({
      name: 'BalloonError',
      message: expect.stringContaining('its words'),
      cause,
    }),
  );
});

test('a missing domain becomes NoSuchVM', () => {
  const cause = new HypervisorError('no-domain', 'not found');
  expect(() => toVdsmError('BalloonError')(cause)).toThrow(
    expect.objectContaining({ name: 'NoSuchVM' }),
  );
});

test('any other error is thrown unchanged', () => {
  const bug = new TypeError('bug');
  expect(() => toVdsmError('BalloonError')(bug)).toThrow(bug);
});
