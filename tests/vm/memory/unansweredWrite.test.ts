import { expect, test } from '@jest/globals';
import { type Hypervisor, HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';

const MIB = 1024;

/** Ends only when the caller gives it up. */
const unanswered: Hypervisor['setMetadata'] = (_id, _metadata, { signal } = {}) =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new HypervisorError('timed-out', 'no answer in time'));
    });
  });

/** A VM of 1024 MiB and 256 MiB, and a way to leave its next write of metadata without an answer. */
async function opened() {
  const guest = await openGuest({ devices: [256] });
  const { world } = guest;
  const missNextWrite = (): void => {
    world.faults.setMetadata = (...args) => {
      delete world.faults.setMetadata;
      return unanswered(...args);
    };
  };
  return { ...guest, missNextWrite };
}

test('an unplug whose record had no answer is sent once the balloon is deflated, and the job ends', async () => {
  const { world, ask, set, job, missNextWrite } = await opened();
  await ask('setBalloonTarget', { target: 980 * MIB });
  await world.seconds(20);
  await world.sampled();
  world.faults.setBalloon = async (...args) => {
    delete world.faults.setBalloon;
    await world.host.setBalloon(...args);
    missNextWrite();
  };
  await set({ memory: 1024, deflate: true });
  await world.seconds(75);
  expect(await job()).toMatchObject({
    state: 'done',
    changes: [{ alias: 'dimm0', state: 'removed', attempts: 1 }],
  });
});
