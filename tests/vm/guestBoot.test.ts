import { describe, expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';

type Opened = Awaited<ReturnType<typeof openGuest>>;

/** What ends a boot of the guest. */
const ENDS: readonly (readonly [string, (opened: Opened) => unknown])[] = [
  ['VM.reset', ({ ask }) => ask('reset')],
  ['a reset by another program', ({ world, vmID }) => world.host.resetDomain(vmID)],
  ['a reboot from inside', ({ guest }) => guest.rebootFromInside()],
  [
    'a stop and start by another program',
    async ({ world, vmID }) => {
      const xml = (await world.host.nextRunXml(vmID)) ?? '';
      await world.host.destroyDomain(vmID, { graceful: false });
      await world.host.createDomain(xml, { paused: false });
    },
  ],
  ['a managed save and restore', ({ guest }) => guest.save()()],
];

async function read({ world, vmID, ask }: Opened) {
  const usage = (await ask('getMemoryUsage')) as Record<string, unknown>;
  return {
    usage,
    freshness: (usage['freshness'] as { state: string }).state,
    stats: await world.stats(vmID),
    balloon: await world.balloon(vmID),
    meters: (await ask('getMeters')) as object,
  };
}

function expectUnknown({
  usage,
  freshness,
  stats,
  balloon,
  meters,
}: Awaited<ReturnType<typeof read>>) {
  expect(freshness).toMatch(/^(never|unknown)$/);
  for (const figure of ['used_kib', 'available_kib', 'swap_in_kib', 'major_faults']) {
    expect(usage).not.toHaveProperty(figure);
  }
  expect(stats).toMatchObject({ memUsage: '0' });
  expect(stats).not.toHaveProperty('memoryStats');
  expect(balloon).not.toHaveProperty('last_update');
  expect(Object.keys(meters)).not.toContain('memory.usage');
}

describe.each(ENDS)('after %s', (_, end) => {
  const ended = async (): Promise<Opened> => {
    const opened = await openGuest({ words: 'slow-boot' });
    expect((await read(opened)).freshness).toBe('fresh');
    // The former boot's last report is newer than the newest sample.
    await opened.world.seconds(11);
    await end(opened);
    await opened.world.seconds(1);
    return opened;
  };

  test('nothing is known of the guest until it reports, and then what the new boot has', async () => {
    const opened = await ended();
    const { world } = opened;
    expectUnknown(await read(opened));
    for (let round = 0; round < 3; round += 1) {
      await world.seconds(2);
      await world.vms.sample();
      expectUnknown(await read(opened));
    }
    await world.sampledFor(60);
    const { freshness, stats } = await read(opened);
    expect(freshness).toBe('fresh');
    expect(stats).toHaveProperty('memoryStats');
  });

  test('events tell that nothing is known, and then that the guest reports again', async () => {
    const { world, vmID } = await ended();
    await world.sampledFor(60);
    const states = world
      .news('memory', vmID)
      .filter(({ event }) => event === 'freshness')
      .map(({ freshness }) => (freshness as { state: string }).state);
    expect(states.slice(-2)).toEqual(['never', 'fresh']);
  });

  test('a vmemd that is started again before the first report does not take the old one for new', async () => {
    const opened = await ended();
    const { world } = opened;
    await world.restart();
    for (let round = 0; round < 3; round += 1) {
      await world.vms.sample();
      expectUnknown(await read(opened));
      await world.seconds(2);
    }
    await world.sampledFor(60);
    expect((await read(opened)).freshness).toBe('fresh');
  });

  test('the VM still responds, and its balloon is known', async () => {
    const { world, vmID } = await ended();
    await world.seconds(40);
    await world.vms.sample();
    expect(await world.stats(vmID)).toMatchObject({ monitorResponse: '0' });
    expect(await world.balloon(vmID)).toHaveProperty('balloon_cur');
  });
});

test('a reboot that nobody told of is noticed by counters that began anew', async () => {
  const opened = await openGuest();
  const { world, guest } = opened;
  await world.sampledFor(300);
  world.host.disconnect();
  guest.rebootFromInside();
  await world.seconds(20);
  world.host.reconnect();
  await world.seconds(1);
  await world.vms.sample();
  expectUnknown(await read(opened));
  await world.sampledFor(60);
  expect((await read(opened)).freshness).toBe('fresh');
});

describe('the time since the start', () => {
  const elapsed = async ({ world, vmID }: Opened) => (await world.stats(vmID))['elapsedTime'];

  test('is known to a vmemd that was started again, and not changed by a reboot', async () => {
    const opened = await openGuest();
    const { world, guest } = opened;
    guest.rebootFromInside();
    await world.seconds(10);
    const before = Number(await elapsed(opened));
    expect(before).toBeGreaterThanOrEqual(40);
    await world.restart();
    await world.seconds(100);
    expect(Number(await elapsed(opened)) - before).toBe(100);
  });

  test('begins anew with another run', async () => {
    const opened = await openGuest();
    const { world, vmID } = opened;
    const xml = (await world.host.nextRunXml(vmID)) ?? '';
    await world.host.destroyDomain(vmID, { graceful: false });
    await world.host.createDomain(xml, { paused: false });
    await world.seconds(7);
    await world.restart();
    await world.seconds(1);
    expect(await elapsed(opened)).toBe('8');
  });

  test('is absent where the start was not seen', async () => {
    const opened = await openGuest();
    const { world, vmID } = opened;
    const xml = (await world.host.nextRunXml(vmID)) ?? '';
    world.kill();
    await world.host.destroyDomain(vmID, { graceful: false });
    await world.host.createDomain(xml, { paused: false });
    await world.restart();
    await world.seconds(7);
    expect(await elapsed(opened)).toBeUndefined();
  });
});

test('after a reset the balloon of the boot before is not told, until the guest fills it again', async () => {
  const opened = await openGuest({ words: 'slow-boot', vm: { memGuaranteedSize: 128 } });
  const { world, vmID, ask } = opened;
  await ask('setBalloonTarget', { target: 700_000 });
  await world.sampledFor(20);
  expect(await world.balloon(vmID)).toMatchObject({ balloon_cur: '700000' });
  await ask('reset');
  const balloon = await world.balloon(vmID);
  expect(balloon).not.toHaveProperty('balloon_cur');
  expect(balloon).not.toHaveProperty('moving');
  expect(await ask('getMemoryUsage')).not.toHaveProperty('balloon_held_kib');
  expect(await world.stats(vmID)).not.toHaveProperty('balloonInfo');
  await world.sampledFor(60);
  expect(await world.balloon(vmID)).toMatchObject({ balloon_cur: '700000', moving: 'at-target' });
});
