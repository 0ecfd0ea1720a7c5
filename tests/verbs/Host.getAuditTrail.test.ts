import { expect, test } from '@jest/globals';
import { createCall } from '../../src/jsonrpc/call.ts';
import { createCaller } from '../support/call.ts';
import { World } from '../support/world.ts';

test('has the changes of the host and of all its VMs, newest first', async () => {
  const world = await World.open();
  const { verbs, services, log, clock } = world;
  const call = createCall({ verbs, services, signal: new AbortController().signal, log, clock });
  const ask = (method: string, params: object) =>
    call(method, params, { caller: createCaller() }, (result) => result);
  const vmID = await world.boot();
  await ask('VM.pause', { vmID });
  await world.seconds(1);
  await ask('Host.setLogLevel', { level: 'DEBUG' });
  expect(await world.call('Host.getAuditTrail')).toMatchObject({
    entries: [
      { verb: 'Host.setLogLevel', outcome: 'done' },
      { verb: 'VM.pause', vm_id: vmID },
    ],
  });
  expect(await world.call('Host.getAuditTrail', { count: 1 })).toMatchObject({
    entries: [{ verb: 'Host.setLogLevel' }],
  });
});
