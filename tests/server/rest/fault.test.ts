import { expect, test } from '@jest/globals';
import { type ErrorName, VdsmError } from '../../../src/common/errors.ts';
import { Fault, faultOf } from '../../../src/server/rest/fault.ts';

test.each([
  ['NoSuchVM', 404],
  ['InvalidParams', 400],
  ['InvalidParameter', 400],
  ['VMIsDown', 409],
  ['HotplugMemFailed', 409],
  ['HotunplugMemFailed', 409],
  ['BalloonError', 409],
  ['NotEnoughResources', 429],
  ['Recovering', 503],
  ['GeneralException', 500],
  ['MethodNotFound', 500],
] as [ErrorName, number][])('%s is %i', (name, status) => {
  const error = new VdsmError(name, 'why: it is so');
  const fault = faultOf(error);
  expect(fault.status).toBe(status);
  expect(fault.members).toEqual({ reason: new VdsmError(name).message, detail: 'why: it is so' });
});

test('an error without a reason has the text of its name', () => {
  expect(faultOf(new VdsmError('NoSuchVM')).members).toEqual({
    reason: 'Virtual machine does not exist',
    detail: 'Virtual machine does not exist',
  });
});

test('the default reason is the status text', () => {
  expect(new Fault(415, 'no').reason).toBe('Unsupported Media Type');
  expect(new Fault(999, 'no').reason).toBe('Error');
});
