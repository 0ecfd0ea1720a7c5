import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';

type Guest = Awaited<ReturnType<typeof openGuest>>;

const REBOOTS: readonly (readonly [string, (guest: Guest) => unknown])[] = [
  ['a reset by VM.reset', ({ ask }) => ask('reset')],
  ['a reset by another client', ({ world, vmID }) => world.host.resetDomain(vmID)],
  [
    'VM.shutdown with reboot',
    ({ ask }) => ask('shutdown', { reboot: true, delay: '0', message: '' }),
  ],
  [
    'a reboot from inside',
    ({ guest }) => {
      guest.rebootFromInside();
    },
  ],
  [
    'a reboot that is reported three times, as with SeaBIOS',
    ({ guest }) => {
      for (let n = 0; n < 3; n += 1) guest.rebootFromInside();
    },
  ],
];

const stateOf = async ({ devices }: Guest, alias = 'dimm0') =>
  (await devices()).find((device) => device['alias'] === alias)?.['state'];

/** Waits until the guest has booted and reported, and vmemd has evaluated the report. */
async function booted({ world }: Guest) {
  for (let round = 0; round < 3; round += 1) await world.sampled();
}

describe.each(REBOOTS)('after %s', (_, reboot) => {
  test('a device that the guest refused to release is no longer refused', async () => {
    const guest = await openGuest({ words: 'refuses-unplug', devices: [128] });
    await guest.world.during(
      10,
      guest.unplug().catch(() => undefined),
    );
    expect(await stateOf(guest)).toBe('refused');
    await reboot(guest);
    await guest.world.seconds(1);
    expect(await stateOf(guest)).not.toBe('refused');
    await booted(guest);
    expect(await stateOf(guest)).toBe('guest-online');
    await guest.world.restart();
    expect(await stateOf(guest)).toBe('guest-online');
  });

  test('a device whose unplug timed out is no longer unplugging', async () => {
    const guest = await openGuest({ words: 'ignores-unplug', devices: [128] });
    await guest.world.during(
      90,
      guest.unplug().catch(() => undefined),
    );
    expect(await guest.outcome()).toMatchObject({ state: 'timed-out' });
    await reboot(guest);
    await guest.world.seconds(1);
    expect(await stateOf(guest)).not.toBe('unplugging');
    await booted(guest);
    expect(await stateOf(guest)).toBe('guest-online');
  });

  test('a device that was not online is online, since the firmware presents it as memory in use', async () => {
    const guest = await openGuest({ words: 'no-online', devices: [128] });
    await booted(guest);
    expect(await stateOf(guest)).toBe('not-online');
    await reboot(guest);
    await guest.world.seconds(1);
    expect(await stateOf(guest)).toBe('plugged');
    await booted(guest);
    expect(await stateOf(guest)).toBe('guest-online');
  });

  test('a device that was online is plugged until the guest reports its memory again', async () => {
    const guest = await openGuest({ devices: [128] });
    await booted(guest);
    expect(await stateOf(guest)).toBe('guest-online');
    await reboot(guest);
    await guest.world.seconds(1);
    expect(await stateOf(guest)).toBe('plugged');
    await booted(guest);
    expect(await stateOf(guest)).toBe('guest-online');
  });
});

test('a device that is plugged after a reboot is compared with the total of that boot', async () => {
  const guest = await openGuest({ words: 'no-online', devices: [256] });
  await booted(guest);
  await guest.ask('reset');
  await booted(guest);
  await guest.plug(128);
  await booted(guest);
  await booted(guest);
  expect([await stateOf(guest), await stateOf(guest, 'dimm1')]).toEqual([
    'guest-online',
    'not-online',
  ]);
});

test('an unplug that was sent before a reboot ends', async () => {
  const guest = await openGuest({ words: 'slow-unplug', devices: [128] });
  guest.unplug().catch(() => undefined);
  await guest.world.seconds(1);
  guest.guest.rebootFromInside();
  await guest.world.seconds(200);
  expect((await guest.job()).state).not.toBe('running');
});

test('a reboot during which the domain cannot be read still clears a refusal', async () => {
  const guest = await openGuest({ words: 'refuses-unplug', devices: [256] });
  const { world, vmID, unplug } = guest;
  await world.during(
    20,
    unplug().catch(() => undefined),
  );
  expect(await stateOf(guest)).toBe('refused');
  world.faults.domainXml = () => {
    delete world.faults.domainXml;
    return Promise.reject(new HypervisorError('failed', 'the domain is busy'));
  };
  await world.host.resetDomain(vmID);
  await world.seconds(1);
  expect(world.faults.domainXml).toBeUndefined();
  expect(await stateOf(guest)).toBe('plugged');
  await world.sampledFor(120);
  expect(await stateOf(guest)).toBe('guest-online');
});
