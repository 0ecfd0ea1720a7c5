import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { observeNow } from '../../../src/vm/memory/commit.ts';
import { openGuest } from '../../support/memoryGuest.ts';

const busy = () => Promise.reject(new HypervisorError('failed', 'the domain is busy'));

/** A VM with a device, and faults; vmemd compares its VMs with the host's domains no more. */
async function opened(words: string, unplugAttempts = 1) {
  const guest = await openGuest({ words, devices: [128], hotplugTimeouts: { unplugAttempts } });
  const { world } = guest;
  world.faults.listDomains = busy;
  return {
    ...guest,
    /** Makes the next call of that operation fail. */
    failNext: (operation: 'domainXml' | 'setMetadata', times = 1): void => {
      let left = times;
      world.faults[operation] = () => {
        left -= 1;
        if (left === 0) Reflect.deleteProperty(world.faults, operation);
        return busy();
      };
    },
  };
}

test('a refusal of the guest is recorded soon if the domain cannot be read when its event comes', async () => {
  const { world, guest, unplug, outcome, failNext } = await opened('refuses-unplug,slow-boot');
  guest.rebootFromInside();
  await world.during(10, unplug());
  expect(await outcome()).toMatchObject({ state: 'requested' });
  failNext('domainXml');
  await world.seconds(10);
  expect(world.faults.domainXml).toBeUndefined();
  expect(await outcome()).toMatchObject({ state: 'refused' });
});

test('a second attempt whose record cannot be written is sent seconds after its time', async () => {
  const { world, unplug, failNext } = await opened('ignores-unplug', 2);
  await world.during(59, unplug());
  failNext('setMetadata');
  await world.seconds(10);
  expect(world.faults.setMetadata).toBeUndefined();
  expect(world.calls.filter((name) => name === 'detachDevice')).toHaveLength(2);
});

test('two records that could not be written at the same time are both made later', async () => {
  const { world, vmID, failNext } = await opened('ignores-unplug');
  const made: string[] = [];
  failNext('domainXml', 2);
  observeNow(world.vms.get(vmID), () => made.push('first'));
  observeNow(world.vms.get(vmID), () => made.push('second'));
  await world.seconds(4);
  expect(made).toEqual([]);
  await world.seconds(4);
  expect(made).toEqual(['first', 'second']);
});
