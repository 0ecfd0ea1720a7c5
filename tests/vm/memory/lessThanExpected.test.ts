import { expect, test } from '@jest/globals';
import { dimmXml } from '../../support/hostDomain.ts';
import { type JobOnWire, openGuest } from '../../support/memoryGuest.ts';

interface Resized {
  readonly expected_mib: number;
  readonly memory_mib: number;
  readonly warnings: readonly string[];
  readonly job: JobOnWire;
}

/** Returns whether the job reports that the VM has less memory than planned. */
const saysSo = ({ state, changes }: JobOnWire, least: number): boolean =>
  state === 'partial' ||
  state === 'failed' ||
  changes.some(({ message }) => String(message).includes(`${String(least)} MiB`));

test.each([
  ['grows', 2048, 1792],
  ['shrinks', 1280, 1024],
])(
  'a VM that %s and loses another device meanwhile is not done without a message',
  async (_, memory, least) => {
    const { world, vmID, set, job } = await openGuest({
      devices: [128, 256],
      words: 'slow-unplug',
    });
    const answer = set({ memory, wait: true }) as Promise<Resized>;
    answer.catch(() => undefined);
    await world.seconds(0.5);
    // Unplugs a device outside of the operation, as virsh would.
    world.host.guest(vmID).setBehaviour({ unplugTime: 100 as never });
    world.host.detachDevice(vmID, 'dimm1').catch(() => undefined);
    await world.seconds(20);
    await world.sampled();
    const resized = await world.during(120, answer);
    expect(resized).toMatchObject({ expected_mib: memory, memory_mib: least });
    expect(resized.warnings).toContainEqual(expect.stringContaining(`${String(least)} MiB`));
    expect(saysSo(await job(), least)).toBe(true);
    await world.restart();
    expect(saysSo(await job(), least)).toBe(true);
  },
);

test('a VM that has the expected memory has no warning, whatever was plugged meanwhile', async () => {
  const { world, vmID, set } = await openGuest({ devices: [128, 256] });
  const answer = set({ memory: 2048, wait: true }) as Promise<Resized>;
  answer.catch(() => undefined);
  await world.seconds(0.5);
  await world.host.attachDevice(vmID, dimmXml(128));
  await world.sampled();
  const resized = await world.during(120, answer);
  expect([resized.job.state, resized.warnings]).toEqual(['done', []]);
});
