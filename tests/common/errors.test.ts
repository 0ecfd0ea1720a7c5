import { expect, test } from '@jest/globals';
import { type ErrorName, errors, VdsmError } from '../../src/common/errors.ts';

test.each([
  ['NoSuchVM', 1],
  ['VMExists', 4],
  ['VMIsDown', 6],
  ['CannotCreateVM', 9],
  ['MissingParameter', 11],
  ['UnexpectedError', 16],
  ['DestroyError', 42],
  ['BalloonError', 53],
  ['HotplugMemFailed', 70],
  ['HotunplugMemFailed', 85],
  ['ResetError', 90],
  ['Recovering', 99],
  ['GeneralException', 100],
  ['NotEnoughResources', 1100],
  ['MethodNotFound', -32601],
  ['InvalidParams', -32602],
] as const)("%s has VDSM's or JSON-RPC's code: %i", (name, code) => {
  expect(new VdsmError(name)).toMatchObject({ name, code });
});

test("the reason follows VDSM's text", () => {
  const cause = new Error('libvirt');
  const error = new VdsmError('BalloonError', 'no balloon here', { cause });
  expect(error.message).toBe('Balloon operation is not available: no balloon here');
  expect(error.cause).toBe(cause);
  expect(new VdsmError('BalloonError').message).toBe('Balloon operation is not available');
});

test('no two errors share a code', () => {
  const codes = (Object.keys(errors) as ErrorName[]).map((name) => errors[name][0]);
  expect(new Set(codes).size).toBe(codes.length);
});
