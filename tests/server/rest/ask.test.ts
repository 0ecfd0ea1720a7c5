import { expect, test } from '@jest/globals';
import { asker } from '../../../src/server/rest/ask.ts';
import { createCaller } from '../../support/call.ts';

test('a verb is asked as by any client, and its result handed on', async () => {
  const caller = createCaller();
  const asked: unknown[] = [];
  const ask = asker(
    (message, ...rest) => {
      asked.push(JSON.parse(String(message)), ...rest);
      return Promise.resolve('{"jsonrpc":"2.0","id":1,"result":[]}');
    },
    caller,
    'flow',
  );
  expect(await ask('VM.getMemoryDevices', { vmID: 'x' })).toEqual([]);
  const request = { jsonrpc: '2.0', id: 1, method: 'VM.getMemoryDevices', params: { vmID: 'x' } };
  expect(asked).toEqual([request, caller, 'flow']);
});

test('its error is a fault', async () => {
  const reply = '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}';
  const ask = asker(() => Promise.resolve(reply), createCaller(), undefined);
  await expect(ask('Host.getAllVmStats', {})).rejects.toMatchObject({ status: 404 });
});
