import { expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import type { Call } from '../../../src/jsonrpc/call.ts';
import { createVerbClient } from '../../../src/server/rest/verbClient.ts';
import { createCaller } from '../../support/call.ts';
import { createRpc, table } from '../../support/server.ts';

test('a verb is called with its params and flow id, and its result returned', async () => {
  const called: unknown[] = [];
  const { call } = createRpc(
    table({
      'VM.getMemoryDevices': (params, { flowId }) => {
        called.push(params, flowId);
        return [];
      },
    }),
  );
  const ask = createVerbClient(call, { caller: createCaller(), flowId: 'flow' });
  expect(await ask('VM.getMemoryDevices', { vmID: 'x' })).toEqual([]);
  expect(called).toEqual([{ vmID: 'x' }, 'flow']);
});

test("a verb's error is thrown as a fault", async () => {
  const fail = () => Promise.reject(new VdsmError('NoSuchVM'));
  const { call } = createRpc(table({ 'Host.getAllVmStats': fail }));
  const ask = createVerbClient(call, { caller: createCaller(), flowId: undefined });
  await expect(ask('Host.getAllVmStats', {})).rejects.toMatchObject({ status: 404 });
});

test('a change that was made is in the log, whatever fails afterwards', async () => {
  const call: Call = (_method, _params, _origin, encode) =>
    Promise.resolve({ ok: true, result: encode(undefined), isAudited: true });
  let count = 0;
  const origin = { caller: createCaller(), flowId: undefined };
  await createVerbClient(call, origin, () => count++)('VM.cont', { vmID: 'x' });
  expect(count).toBe(1);
});

test.each([true, false])(
  'whether the log has a line about a failure (%s) is passed on',
  async (isAudited) => {
    const error = new VdsmError('VMIsDown');
    const call: Call = () => Promise.resolve({ ok: false, error, isAudited });
    let count = 0;
    const origin = { caller: createCaller(), flowId: undefined };
    const ask = createVerbClient(call, origin, () => count++);
    await expect(ask('VM.cont', { vmID: 'x' })).rejects.toMatchObject({ status: 409 });
    expect(count).toBe(isAudited ? 1 : 0);
  },
);
