import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';

type Guest = Awaited<ReturnType<typeof openGuest>>;

/** Expects two devices of 128 MiB, and for each a plug of its own that has ended. */
async function expectTwoPlugs({
  world,
  devices,
  job,
  plugs,
}: Guest & { plugs: readonly string[] }) {
  await world.sampledFor(90);
  expect(await devices()).toMatchObject([
    { alias: 'dimm0', size_mib: 128 },
    { alias: 'dimm1', size_mib: 128 },
  ]);
  const jobs = [await job({ alias: 'dimm0' }), await job({ alias: 'dimm1' })];
  expect(jobs).toMatchObject([
    { action: 'plug', changes: [{ action: 'plug', alias: 'dimm0', size_mib: 128 }] },
    { action: 'plug', changes: [{ action: 'plug', alias: 'dimm1', size_mib: 128 }] },
  ]);
  for (const { state, changes } of jobs) {
    expect(state).not.toBe('running');
    expect(changes).toHaveLength(1);
  }
  expect(new Set(jobs.map(({ job_id }) => job_id)).size).toBe(2);
  expect(plugs).toEqual(['HotplugMemFailed', 'HotplugMemFailed']);
}

test('two plugs of one size that take effect after their timeouts are two devices with an operation each', async () => {
  const guest = await openGuest({ words: 'no-online' });
  const { world, plug } = guest;
  const attach: (() => Promise<void>)[] = [];
  world.faults.attachDevice = (id, xml) => {
    attach.push(() => world.host.attachDevice(id, xml));
    return Promise.reject(new HypervisorError('timed-out', 'no answer'));
  };
  const plugs: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    plugs.push(await plug(128).then(String, nameOf));
    await world.seconds(10);
  }
  delete world.faults.attachDevice;
  for (const act of attach) await act();
  await expectTwoPlugs({ ...guest, plugs });
});

test('two plugs of one size that a hung QEMU carries out together are two devices with an operation each', async () => {
  const guest = await openGuest({ words: 'no-online', timeoutS: 20 });
  const { world, plug } = guest;
  const release = guest.guest.hang();
  const first = plug(128).then(String, nameOf);
  await world.seconds(25);
  const second = plug(128).then(String, nameOf);
  await world.seconds(25);
  release();
  await expectTwoPlugs({ ...guest, plugs: [await first, await second] });
});

test('a device that is attached after the deadline of its plug has its operation and its guarantee', async () => {
  const { world, vmID, guest, plug, job, guaranteed } = await openGuest({ timeoutS: 20 });
  const release = guest.hang();
  const failed = expect(plug(256, { memGuaranteedSize: 700 })).rejects.toMatchObject({ code: 70 });
  await world.sampledFor(300);
  await failed;
  expect(await guaranteed()).toBe(512);
  release();
  await world.sampledFor(150);
  expect(world.devices(vmID)).toEqual(['dimm0']);
  expect(await job({ alias: 'dimm0' })).toMatchObject({
    action: 'plug',
    state: 'done',
    changes: [{ alias: 'dimm0', size_mib: 256, state: 'online' }],
  });
  expect(await guaranteed()).toBe(700);
});

const nameOf = (error: unknown): string => (error as Error).name;
