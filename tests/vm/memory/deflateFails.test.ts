import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { onHost } from '../../support/onHost.ts';
import { type JobOnWire, openGuest } from '../../support/memoryGuest.ts';

const MIB = 1024;

interface Resized {
  readonly warnings: readonly string[];
  readonly job: JobOnWire;
}

/** A VM of 1024 MiB and 256 MiB, whose balloon holds 300 MiB of them. */
async function inflated() {
  const guest = await openGuest({ devices: [256] });
  const { world, vmID } = guest;
  await guest.ask('setBalloonTarget', { target: 980 * MIB });
  await world.seconds(20);
  await world.sampled();
  return { ...guest, host: onHost(world, vmID) };
}

type Inflated = Awaited<ReturnType<typeof inflated>>;

const shrink = ({ world, set }: Inflated): Promise<Resized> =>
  world.during(200, set({ memory: 1024, deflate: true, wait: true })) as Promise<Resized>;

const linesOnBalloon = ({ world }: Inflated) =>
  world.lines.filter(({ level, msg }) => Number(level) >= 40 && String(msg).includes('balloon'));

const refuses = () => Promise.reject(new HypervisorError('failed', 'the balloon is stuck'));

test('a deflate that fails is a warning in the result, and not logged every few seconds', async () => {
  const guest = await inflated();
  const { world, vmID, host } = guest;
  world.faults.setBalloon = refuses;
  const { warnings, job } = await shrink(guest);
  expect(job.changes).toMatchObject([{ alias: 'dimm0', state: 'removed' }]);
  expect(warnings).toContainEqual(expect.stringMatching(/balloon.*the balloon is stuck/));
  await world.seconds(600);
  expect(linesOnBalloon(guest).length).toBeLessThanOrEqual(3);
  expect(Number((await world.balloon(vmID))['balloon_target'])).toBe(host.balloonTarget());
});

test('a balloon that is not empty in time is a warning in the result', async () => {
  const guest = await inflated();
  guest.guest.setBehaviour({ driver: false });
  const { warnings } = await shrink(guest);
  expect(warnings).toContainEqual(expect.stringMatching(/balloon/));
});

test('a target that cannot be restored after the job is retried until it can, without a log line for each attempt', async () => {
  const guest = await inflated();
  const { world, vmID, host } = guest;
  let calls = 0;
  world.faults.setBalloon = (...args) => {
    calls += 1;
    return calls === 1 ? world.host.setBalloon(...args) : refuses();
  };
  await shrink(guest);
  await world.seconds(60);
  expect(linesOnBalloon(guest).length).toBeLessThanOrEqual(3);
  delete world.faults.setBalloon;
  await world.seconds(600);
  const target = Number((await world.balloon(vmID))['balloon_target']);
  expect([target, host.balloonTarget()]).toEqual([724 * MIB, 724 * MIB]);
});
