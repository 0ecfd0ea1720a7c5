import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.setMemory', { memory: 2048 });

/** The feature page's VM: 1024 MiB and devices of 256, 256, 128 and 128, so 1792 in all. */
const seed = () => openGuest({ devices: [256, 256, 128, 128], vm: { memGuaranteedSize: 1024 } });

test('unplugs as much as possible without going below the requested size', async () => {
  const { world, vmID, set, job } = await seed();
  const answer = await set({ memory: 1400, guaranteed: 900 });
  expect(answer).toEqual({
    memory_mib: 1792,
    guaranteed_mib: 1024,
    requested_mib: 1400,
    expected_mib: 1408,
    plan: [
      { action: 'unplug', alias: 'dimm3', size_mib: 128 },
      { action: 'unplug', alias: 'dimm1', size_mib: 256 },
    ],
    next_run: 'kept',
    warnings: [],
    job: {
      job_id: expect.any(String),
      action: 'set-memory',
      state: 'running',
      flow_id: 'flow',
      started: expect.any(String),
      requested_mib: 1400,
      expected_mib: 1408,
      guaranteed_mib: 900,
      changes: [
        { action: 'unplug', alias: 'dimm3', size_mib: 128, state: 'queued', attempts: 0 },
        { action: 'unplug', alias: 'dimm1', size_mib: 256, state: 'queued', attempts: 0 },
      ],
    },
  });
  await world.seconds(5);
  expect(world.devices(vmID)).toEqual(['dimm0', 'dimm2']);
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_min: '921600',
    balloon_max: '1441792',
  });
  expect(await job()).toMatchObject({
    state: 'done',
    changes: [{ state: 'removed' }, { state: 'removed' }],
  });
});

test.each([
  [1_572_864, '1572864 KiB are 1536'],
  [1_610_612_736, '1610612736 bytes are 1536'],
])(
  'a memory of %i, meant in another unit, is refused and does not grow the VM',
  async (memory, advice) => {
    const { world, vmID, set } = await openGuest();
    await expect(set({ memory })).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining(`sizes are in MiB; ${advice}`),
    });
    expect(world.devices(vmID)).toEqual([]);
  },
);

test('with wait it returns the outcome', async () => {
  const { world, set } = await seed();
  expect(await world.during(20, set({ memory: 1400, guaranteed: 900, wait: true }))).toMatchObject({
    memory_mib: 1408,
    guaranteed_mib: 900,
    job: { state: 'done', ended: expect.any(String) },
  });
});

test('accepts numbers and booleans as text, as vdsm-client sends them', async () => {
  const { set } = await seed();
  expect(await set({ memory: '1400', guaranteed: '900', dryRun: 'true' })).toMatchObject({
    requested_mib: 1400,
    expected_mib: 1408,
  });
});

test.each([
  {},
  { memory: 0 },
  { memory: -1 },
  { memory: 1.5 },
  { memory: null },
  { memory: 'much' },
  { memory: 2048, guaranteed: -1 },
  { memory: 2048, guaranteed: null },
  { memory: 2048, wait: 1 },
  { memory: 2048, dryRun: 'maybe' },
])('%j is refused without a call to the hypervisor', async (wish) => {
  const { world, set } = await openGuest();
  world.calls.length = 0;
  await expect(set(wish)).rejects.toMatchObject({ code: -32602 });
  expect(world.calls).toEqual([]);
});

test('a VM that is starting or Down is refused', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  await world.call('VM.create', { vmID, vmParams: parameters() });
  await expect(world.call('VM.setMemory', { vmID, memory: 2048 })).rejects.toMatchObject({
    code: 6,
  });
  await world.sampled();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(world.call('VM.setMemory', { vmID, memory: 2048 })).rejects.toMatchObject({
    code: 6,
  });
});
