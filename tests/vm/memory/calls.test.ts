import { expect, test } from '@jest/globals';
import { openGuest } from '../../support/memoryGuest.ts';

type Guest = Awaited<ReturnType<typeof openGuest>>;

const READ = 'domainXml';
const WRITE = 'setMetadata';

/** What each request costs: the calls of the hypervisor until its reply, and those that follow it. */
const COSTS: readonly (readonly [
  string,
  (guest: Guest) => Promise<unknown>,
  string[],
  string[],
])[] = [
  [
    'hotplugMemory',
    ({ plug }) => plug(256),
    [READ, WRITE, 'attachDevice', READ, WRITE],
    [READ, WRITE],
  ],
  [
    'hotplugMemory with a guarantee',
    ({ plug }) => plug(256, { memGuaranteedSize: 600 }),
    [READ, WRITE, 'attachDevice', READ, 'nextRunXml', WRITE, WRITE],
    [READ, WRITE],
  ],
  ['hotunplugMemory', ({ unplug }) => unplug(), [READ, WRITE, 'detachDevice', READ, READ], [WRITE]],
  [
    'setBalloonTarget',
    ({ ask }) => ask('setBalloonTarget', { target: 900 * 1024 }),
    [READ, WRITE, 'setBalloon'],
    [],
  ],
  [
    'setGuaranteedMemory',
    ({ ask }) => ask('setGuaranteedMemory', { guaranteed: 600 }),
    [READ, WRITE, 'nextRunXml', WRITE, WRITE],
    [],
  ],
];

test.each(COSTS)(
  'VM.%s makes no call of the hypervisor without need',
  async (_, request, untilReply, later) => {
    const guest = await openGuest({ devices: [256] });
    const { world } = guest;
    // All VMs have just been compared, which happens once a minute.
    await world.sampledFor(65);
    world.calls.length = 0;
    const calls = () => world.calls.filter((name) => name !== 'sampleAll');
    const count = await world.during(
      1,
      request(guest).then(() => calls().length),
    );
    await world.sampledFor(45);
    expect(calls().slice(0, count)).toEqual(untilReply);
    expect(calls().slice(count)).toEqual(later);
  },
);
