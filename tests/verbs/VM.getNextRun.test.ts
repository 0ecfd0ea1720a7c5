import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, World } from '../support/world.ts';

refusesBadIds('VM.getNextRun');

test('a VM as it was created starts again with the same sizes', async () => {
  const { ask } = await openGuest();
  expect(await ask('getNextRun')).toEqual({
    memory_mib: 1024,
    guaranteed_mib: 512,
    max_memory_mib: 4096,
    differs: false,
  });
});

test('a size set for the next run differs from this run', async () => {
  const { ask } = await openGuest();
  await ask('setNextRun', { memory: 2048 });
  expect(await ask('getNextRun')).toMatchObject({ memory_mib: 2048, differs: true });
});

test('a guarantee set for the next run differs from this run', async () => {
  const { ask } = await openGuest();
  await ask('setNextRun', { guaranteed: 600 });
  expect(await ask('getNextRun')).toMatchObject({ guaranteed_mib: 600, differs: true });
});

test('a guarantee set for this run and the next ones is the same in both', async () => {
  const { ask } = await openGuest();
  await ask('setGuaranteedMemory', { guaranteed: 700 });
  expect(await ask('getNextRun')).toMatchObject({ guaranteed_mib: 700, differs: false });
});

test.each([
  ["<memory unit='MB'>65</memory>", 62],
  ["<memory unit='KB'>70001</memory>", 67],
  ["<memory unit='b'>67108865</memory>", 65],
  ["<maxMemory slots='2' unit='KiB'>1000001</maxMemory><memory unit='MiB'>64</memory>", 64],
])(
  'a VM of %s, which libvirt rounds up when it starts, starts again with the same sizes',
  async (memory, size) => {
    const world = await World.open();
    const vmID = idOf(1);
    const xml = `<domain type='kvm'><name>odd</name><uuid>${vmID}</uuid>${memory}<vcpu>1</vcpu>
      <cpu><numa><cell id='0' cpus='0' memory='${String(size * 1024 - 7)}' unit='KiB'/></numa></cpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os><devices/></domain>`;
    await world.call('VM.create', { vmID, vmParams: { xml } });
    await world.sampled();
    const next = await world.call('VM.getNextRun', { vmID });
    expect(next).toMatchObject({ memory_mib: size, differs: false });
    await world.call('VM.setNextRun', { vmID, memory: size });
    expect(await world.call('VM.getNextRun', { vmID })).toEqual(next);
  },
);
