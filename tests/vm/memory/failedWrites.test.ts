import { expect, test } from '@jest/globals';
import { type Hypervisor, HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

/** A VM, and a way to make calls fail; vmemd compares its VMs with the host's domains no more. */
async function opened() {
  const guest = await openGuest();
  const { world, vmID } = guest;
  const fail = () => Promise.reject(new HypervisorError('timed-out', 'no answer in time'));
  world.faults.listDomains = fail;
  return {
    ...guest,
    host: onHost(world, vmID),
    /** Makes an operation fail until time goes by. */
    without: async <T>(operation: keyof Hypervisor, work: Promise<T>): Promise<T | undefined> => {
      Object.assign(world.faults, { [operation]: fail });
      const result = await work.catch(() => undefined);
      await world.seconds(1);
      Reflect.deleteProperty(world.faults, operation);
      return result;
    },
  };
}

test('a size of the next run that could not be written is written seconds later', async () => {
  const { world, set, host, without } = await opened();
  await without('setNextRunXml', set({ memory: 1536 }));
  expect(await host.nextRun()).toMatchObject({ provided: 1024 * 1024 });
  await world.seconds(10);
  expect(await host.nextRun()).toMatchObject({ provided: 1536 * 1024 });
});

test('a guarantee that could not be read into the next run is written there seconds later', async () => {
  const { world, ask, host, without } = await opened();
  await without('nextRunXml', ask('setGuaranteedMemory', { guaranteed: 700 }));
  expect(await host.nextRun()).toMatchObject({ guaranteed: 512 });
  await world.seconds(15);
  expect(await host.nextRun()).toMatchObject({ guaranteed: 700 });
});

test('a statistics period whose call had no answer is set seconds later', async () => {
  const { world, ask, host, without } = await opened();
  await without('setStatsPeriod', ask('setMemoryStatsPeriod', { period: 3 }));
  await world.seconds(10);
  expect(await host.now()).toMatchObject({ statsPeriod: 3, chosenPeriod: 3 });
});

test('a statistics period that is set, and whose record could not be written, is written seconds later', async () => {
  const { world, ask, host } = await opened();
  const { setMetadata } = world.host;
  let writes = 0;
  world.faults.setMetadata = (...args) => {
    writes += 1;
    return writes === 3 ?
        Promise.reject(new HypervisorError('failed', 'not now'))
      : setMetadata.apply(world.host, args);
  };
  await ask('setMemoryStatsPeriod', { period: 3 });
  expect(await host.now()).not.toMatchObject({ chosenPeriod: 3 });
  await world.seconds(10);
  expect(await host.now()).toMatchObject({ chosenPeriod: 3 });
});

test('a target whose call had no answer is set seconds later', async () => {
  const { world, ask, host, without } = await opened();
  await without('setBalloon', ask('setBalloonTarget', { target: 700 * 1024 }));
  await world.seconds(10);
  expect(host.balloonTarget()).toBe(700 * 1024);
});

test('a guarantee without a change of devices that could not be written is written seconds later', async () => {
  const { world, set, host } = await opened();
  const { setMetadata, setNextRunXml } = world.host;
  world.faults.setNextRunXml = async (...args) => {
    await setNextRunXml.apply(world.host, args);
    world.faults.setMetadata = () => {
      world.faults.setMetadata = setMetadata.bind(world.host);
      return Promise.reject(new HypervisorError('failed', 'not now'));
    };
  };
  await set({ memory: 1024, guaranteed: 700 }).catch(() => undefined);
  await world.seconds(10);
  expect(await host.now()).toMatchObject({ guaranteed: 700 });
});
