import { expect, test } from '@jest/globals';
import { openGuest } from '../../support/memoryGuest.ts';

type Guest = Awaited<ReturnType<typeof openGuest>>;

/** A VM of another program, which leaves the list when it is saved. */
const externalXml = (vmID: string): string =>
  `<domain type='kvm'><name>theirs</name><uuid>${vmID}</uuid><maxMemory slots='4' unit='MiB'>4096</maxMemory>
  <memory unit='MiB'>1024</memory><os><type>hvm</type><kernel>/vmlinuz</kernel><cmdline>vmemd.sim=slow-unplug</cmdline></os>
  <cpu><numa><cell id='0' cpus='0' memory='1024' unit='MiB'/></numa></cpu><devices/></domain>`;

async function openExternal(): Promise<Guest> {
  const guest = await openGuest({ words: 'slow-unplug' });
  const { world, vmID } = guest;
  await world.call('VM.destroy', { vmID });
  await world.host.createDomain(externalXml(vmID), { paused: false });
  await world.sampled();
  await world.plug(vmID, 128);
  await world.sampled();
  world.told.length = 0;
  return guest;
}

const SAVED: readonly (readonly [string, () => Promise<Guest>, boolean])[] = [
  ['a VM of ours', () => openGuest({ words: 'slow-unplug', devices: [128] }), false],
  [
    'a VM of ours while vmemd restarts',
    () => openGuest({ words: 'slow-unplug', devices: [128] }),
    true,
  ],
  ['a VM of others', openExternal, false],
  ['a VM of others while vmemd restarts', openExternal, true],
];

test.each(SAVED)(
  'an unplug that a managed save of %s interrupts has one end',
  async (_, open, restarts) => {
    const guest = await open();
    const { world, vmID, told, unplug } = guest;
    unplug().catch(() => undefined);
    await world.seconds(1);
    const restore = world.host.guest(vmID).save();
    await world.seconds(10);
    if (restarts) await world.restart();
    await world.seconds(10);
    restore();
    await world.seconds(30);
    await world.sampled();
    await world.seconds(120);
    const states = told();
    const end = states.findIndex((state) => !state.startsWith('running'));
    expect(states.slice(end)).toHaveLength(1);
    const { changes } = await guest.job();
    expect(changes[0]?.['state']).toBe(states.at(-1)?.split(' ')[1]);
    const isThere = (await guest.devices()).length === 1;
    expect([isThere, states.at(-1)]).toEqual(
      isThere ? [true, expect.not.stringContaining('removed')] : [false, 'done removed'],
    );
  },
);

test('an unplug goes on after a managed save that is restored while the connection is lost', async () => {
  const guest = await openGuest({ words: 'slow-unplug', devices: [128] });
  const { world, unplug, told, job } = guest;
  unplug().catch(() => undefined);
  await world.seconds(1);
  const { job_id: jobID } = await job();
  const restore = guest.guest.save();
  await world.seconds(5);
  world.host.disconnect();
  await world.seconds(1);
  restore();
  await world.seconds(1);
  world.host.reconnect();
  await world.sampledFor(120);
  expect(told()).toEqual(['running requested', 'done removed']);
  expect(await job({ jobID })).toMatchObject({ state: 'done', changes: [{ state: 'removed' }] });
  expect(await guest.devices()).toEqual([]);
});
