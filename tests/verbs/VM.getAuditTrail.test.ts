import { expect, test } from '@jest/globals';
import { createCall } from '../../src/jsonrpc/call.ts';
import { createCaller } from '../support/call.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, World } from '../support/world.ts';

refusesBadIds('VM.getAuditTrail');

interface Trail {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

/** Opens a world and asks as a client of the port does, whose changes are audited. */
async function open() {
  const world = await World.open();
  const { verbs, services, log, clock } = world;
  const call = createCall({ verbs, services, signal: new AbortController().signal, log, clock });
  const ask = (method: string, params: object) =>
    call(method, params, { caller: createCaller(), flowId: 'flow-1' }, (result) => result);
  const trail = async (vmID: string, more = {}) =>
    (await world.call('VM.getAuditTrail', { vmID, ...more })) as Trail;
  return { world, ask, trail };
}

test('a VM that nobody has changed has no entries', async () => {
  const { world, trail } = await open();
  expect(await trail(await world.boot())).toEqual({ entries: [] });
});

test('has who changed what, with the values before and after, newest first', async () => {
  const { world, ask, trail } = await open();
  const vmID = await world.boot();
  await ask('VM.setGuaranteedMemory', { vmID, guaranteed: 600 });
  await world.seconds(1);
  await ask('VM.setBalloonTarget', { vmID, target: 786_432 });
  await ask('VM.pause', { vmID: await world.boot(2) });
  const { entries } = await trail(vmID);
  expect(entries).toMatchObject([
    {
      verb: 'VM.setBalloonTarget',
      flow_id: 'flow-1',
      outcome: 'done',
      summary: 'done',
      code: 0,
      address: 'test',
      vm_id: vmID,
      vm_name: 'vm1',
      params: { vmID, target: 786_432 },
      before: { balloon_target_kib: 1_048_576 },
      after: { balloon_target_kib: 786_432 },
    },
    { verb: 'VM.setGuaranteedMemory', after: { guaranteed_kib: 600 * 1024 } },
  ]);
});

test('has refused requests with their reason, and as many entries as asked for', async () => {
  const { world, ask, trail } = await open();
  const vmID = await world.boot();
  await ask('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.seconds(1);
  await ask('VM.setGuaranteedMemory', { vmID, guaranteed: 9000 });
  expect(await trail(vmID, { count: 1 })).toMatchObject({
    entries: [{ verb: 'VM.setGuaranteedMemory', outcome: 'refused', reason: expect.any(String) }],
  });
});

test('is kept after the VM was destroyed', async () => {
  const { world, ask, trail } = await open();
  const vmID = await world.boot();
  await ask('VM.destroy', { vmID });
  expect(await trail(vmID.toUpperCase())).toMatchObject({
    entries: [{ verb: 'VM.destroy', vm_name: 'vm1', outcome: 'done' }],
  });
});

test('a request for a VM that never was is no reason to know it', async () => {
  const { ask, trail } = await open();
  await ask('VM.pause', { vmID: idOf(9) });
  await expect(trail(idOf(9))).rejects.toMatchObject({ code: 1 });
});

test('has no secrets of the parameters', async () => {
  const { world, ask, trail } = await open();
  const vmID = await world.boot();
  await ask('VM.setBalloonTarget', { vmID, target: 786_432, password: 'hunter2' });
  expect(JSON.stringify(await trail(vmID))).not.toContain('hunter2');
});
