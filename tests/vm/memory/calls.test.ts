import { expect, test } from '@jest/globals';
import { pause } from '../../../src/common/clock.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import type { Hypervisor } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import type { WorldOptions } from '../../support/worldOptions.ts';

type Guest = Awaited<ReturnType<typeof openGuest>>;

const READ = 'domainXml';
const WRITE = 'setMetadata';
/** Reads and writes the next run's metadata. */
const NEXT_RUN = ['nextRunXml', WRITE];
/** A device with an alias of the client's, as the engine plugs them. */
const NAMED = { size: 256, node: 0, alias: 'ua-new' };
/** The guest brings a plugged device online. */
const ONLINE = [READ, WRITE];

/** What each request costs: the calls of the hypervisor until its reply, and those that follow it. */
const COSTS: readonly (readonly [
  string,
  (guest: Guest) => Promise<unknown>,
  string[],
  string[],
])[] = [
  [
    'hotplugMemory',
    ({ plug }) => plug(256, { memory: NAMED }),
    [READ, WRITE, 'attachDevice', READ],
    [WRITE, ...ONLINE],
  ],
  [
    'hotplugMemory, the alias chosen by libvirt',
    ({ plug }) => plug(256),
    [READ, WRITE, 'attachDevice', READ, WRITE],
    ONLINE,
  ],
  [
    'hotplugMemory with a guarantee',
    ({ plug }) => plug(256, { memory: NAMED, memGuaranteedSize: 600 }),
    [READ, WRITE, 'attachDevice', READ],
    [...NEXT_RUN, WRITE, ...ONLINE],
  ],
  ['hotunplugMemory', ({ unplug }) => unplug(), [READ, WRITE, 'detachDevice', READ], [WRITE]],
  [
    'hotunplugMemory with a guarantee',
    ({ unplug }) => unplug('dimm0', { memGuaranteedSize: 300 }),
    [READ, WRITE, 'detachDevice', READ],
    [...NEXT_RUN, WRITE],
  ],
  [
    'setBalloonTarget',
    ({ ask }) => ask('setBalloonTarget', { target: 900 * 1024 }),
    [READ, WRITE, 'setBalloon'],
    [],
  ],
  [
    'setGuaranteedMemory',
    ({ ask }) => ask('setGuaranteedMemory', { guaranteed: 600 }),
    [READ, WRITE, ...NEXT_RUN, WRITE],
    [],
  ],
];

test.each(COSTS)(
  'VM.%s makes no call of the hypervisor without need',
  async (_, request, untilReply, later) => {
    const { between, begin, answered } = noting();
    const guest = await openGuest({ devices: [256], between });
    const { world } = guest;
    // All VMs have just been compared, which happens once a minute.
    await world.sampledFor(65);
    begin();
    const count = await world.during(
      2,
      request(guest).then(() => answered.length),
    );
    await world.sampledFor(45);
    expect(answered.slice(0, count)).toEqual(untilReply);
    expect(answered.slice(count)).toEqual(later);
  },
);

/** Lets each call take a time once it has begun, and notes it when it is answered. */
function noting() {
  const answered: string[] = [];
  let isOn = false;
  const between: WorldOptions['between'] = (host, clock) => ({
    hypervisor: new Proxy<Hypervisor>(host, {
      get: (target, name: keyof Hypervisor) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const work = value.bind(target) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          const result = work(...args);
          if (!isOn || name === 'sampleAll') return result;
          return pause(clock, Milliseconds(10)).then(() => {
            answered.push(name);
            return result;
          });
        };
      },
    }),
  });
  const begin = (): void => {
    isOn = true;
  };
  return { between, begin, answered };
}
