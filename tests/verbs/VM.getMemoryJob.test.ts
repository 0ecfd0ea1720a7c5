import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';

refusesBadIds('VM.getMemoryJob');

test('returns the state of a plug, device by device', async () => {
  const { world, plug, job } = await openGuest();
  await plug(256);
  await world.sampled();
  expect(await job()).toEqual({
    job_id: expect.any(String),
    action: 'plug',
    state: 'done',
    flow_id: 'flow',
    started: expect.stringMatching(/^2026-01-01T00:00:/),
    ended: expect.stringMatching(/^2026-01-01T00:00:/),
    changes: [
      {
        action: 'plug',
        alias: 'dimm0',
        size_mib: 256,
        state: 'online',
        attempts: 1,
        message: 'the guest has 256 MiB more',
      },
    ],
  });
});

test('has the flow id of the request that created it', async () => {
  const { world, vmID, job } = await openGuest({ devices: [128] });
  const params = { vmId: vmID, memory: { alias: 'dimm0' } };
  await world.during(10, world.call('VM.hotunplugMemory', { vmID, params }, { flowId: 'another' }));
  expect(await job()).toMatchObject({ flow_id: 'another', state: 'done' });
});

test.each([{ jobID: 7 }, { alias: null }, { jobID: {} }])('%j is refused', async (params) => {
  const { job } = await openGuest();
  await expect(job(params)).rejects.toMatchObject({ code: -32602 });
});

test('an unknown job is refused', async () => {
  const { job } = await openGuest();
  await expect(job({ jobID: 'nosuch' })).rejects.toMatchObject({ code: 91 });
});
