import { describe, expect, test } from '@jest/globals';
import { omitUndefined } from '../../src/common/omitUndefined.ts';
import { KiB } from '../../src/common/units.ts';
import { type GuestHistory, momTargets } from '../support/momPolicy.ts';
import { type MomGuest, readAsMom } from '../support/momReader.ts';
import { idOf, World } from '../support/world.ts';

const vmID = idOf(1);
const HOST = 16 * 1024 ** 2;
const CRITICAL = 0.03 * HOST;
const SHORT = 0.1 * HOST;
const RELAXED = 0.5 * HOST;

/** MoM as VDSM configures it: rounds of 15 s, of which the guest is sampled three times in each. */
class MomRounds {
  readonly world: World;
  readonly #rounds: (MomGuest | undefined)[] = [];
  /** The targets sent, and what the balloon left then. */
  readonly sent: { readonly target: number; readonly cur: number }[] = [];

  constructor(world: World) {
    this.world = world;
  }

  async run(rounds: number, free: number = SHORT): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await this.world.sampledFor(15);
      const guest = readAsMom(await this.world.call('Host.getAllVmStats')).get(vmID);
      this.#rounds.push(guest);
      const target = guest && this.#decide(guest, free);
      if (target === undefined) continue;
      this.sent.push({ target, cur: guest?.balloon.cur ?? NaN });
      await this.world.during(30, this.world.call('VM.setBalloonTarget', { vmID, target }));
    }
  }

  #decide({ balloon: { min, max } }: MomGuest, free: number): number | undefined {
    const last = this.#rounds.slice(-10);
    const history: GuestHistory = {
      cur: last.map((round) => round?.balloon.cur),
      unused: last.map((round) => round?.unused),
      min,
      max,
    };
    const host = { total: HOST, free: [free] };
    return momTargets(host, new Map([[vmID, history]]), true).get(vmID);
  }
}

/** A VM of 1 GiB that MoM has shrunk. */
async function shrunk() {
  const world = await World.open({ period: { own: 'when-absent' } });
  await world.boot();
  world.host.guest(vmID).setWorkingSet(KiB(100 * 1024));
  const mom = new MomRounds(world);
  await mom.run(8);
  expect(mom.sent.length).toBeGreaterThan(4);
  mom.sent.length = 0;
  return { world, mom, guest: world.host.guest(vmID), cur: await current(world) };
}

const current = async (world: World): Promise<number> =>
  Number((await world.balloon(vmID))['balloon_cur']);

const hidesFigures = (world: World): void => {
  world.faults.sampleAll = async () => {
    const samples = await world.host.sampleAll();
    const none = { available: undefined, unused: undefined, usable: undefined };
    return new Map([...samples].map(([id, one]) => [id, omitUndefined({ ...one, ...none })]));
  };
};

const SILENCES: readonly (readonly [
  string,
  (world: World) => unknown,
  (world: World) => unknown,
])[] = [
  [
    'its period was set to 0',
    (world) => world.call('VM.setMemoryStatsPeriod', { vmID, period: 0 }),
    (world) => world.call('VM.setMemoryStatsPeriod', { vmID, period: 10 }),
  ],
  [
    'its driver sends nothing any more',
    (world) => {
      world.host.guest(vmID).setBehaviour({ statistics: false });
    },
    (world) => {
      world.host.guest(vmID).setBehaviour({ statistics: true });
    },
  ],
  [
    'its driver reports without values',
    hidesFigures,
    (world) => {
      delete world.faults.sampleAll;
    },
  ],
];

describe.each(SILENCES)('a guest that MoM has shrunk, and that is silent as %s', (_, fall, end) => {
  const silent = async () => {
    const opened = await shrunk();
    await fall(opened.world);
    await opened.mom.run(4);
    opened.mom.sent.length = 0;
    return { ...opened, cur: await current(opened.world) };
  };

  test.each([
    ['short of memory', SHORT],
    ['critically short', CRITICAL],
  ])('is not shrunk further while the host is %s', async (__, free) => {
    const { world, mom, cur } = await silent();
    await mom.run(15, free);
    expect(mom.sent).toEqual([]);
    expect(await current(world)).toBe(cur);
  });

  test('gets its memory back once the host has enough', async () => {
    const { world, mom } = await silent();
    await mom.run(15, RELAXED);
    expect(mom.sent.length).toBeGreaterThan(0);
    for (const { target, cur } of mom.sent) expect(target).toBeGreaterThan(cur);
    expect(await current(world)).toBe(1024 ** 2);
  });

  test('is told once, and once that it reports again', async () => {
    const { world } = await silent();
    await world.sampledFor(120);
    const told = () => world.news('memory', vmID).filter(({ event }) => event === 'balloon-silent');
    const lines = () =>
      world.lines.filter(({ msg }) => String(msg).includes('has stopped to report its memory'));
    expect(told()).toMatchObject([{ silent: true, balloon_cur: String(await current(world)) }]);
    expect(lines()).toMatchObject([{ level: 40, vmId: vmID }]);
    await end(world);
    await world.sampledFor(60);
    expect(told()).toMatchObject([{ silent: true }, { silent: false }]);
    expect(lines()).toHaveLength(1);
  });

  test('is judged by what it reports afterwards, when it reports again', async () => {
    const { world, mom, guest } = await silent();
    // MoM remembers how little the guest used before.
    guest.setWorkingSet(KiB(250 * 1024));
    await end(world);
    await mom.run(9);
    for (const { target, cur } of mom.sent) expect(target).toBeGreaterThanOrEqual(cur);
  });
});

test('a silent guest gets its memory back also from a vmemd that was started meanwhile', async () => {
  const { world, mom } = await shrunk();
  await world.call('VM.setMemoryStatsPeriod', { vmID, period: 0 });
  await world.restart();
  mom.sent.length = 0;
  await mom.run(15, RELAXED);
  expect(await current(world)).toBe(1024 ** 2);
  for (const { target, cur } of mom.sent) expect(target).toBeGreaterThan(cur);
});

test('a silent guest whose QEMU does not answer is not offered to MoM, and freshness is told as it is', async () => {
  const { world, mom, guest } = await shrunk();
  const release = guest.hang();
  await mom.run(4, RELAXED);
  mom.sent.length = 0;
  await mom.run(4, RELAXED);
  expect(mom.sent).toEqual([]);
  expect(await world.call('VM.getMemoryUsage', { vmID })).toMatchObject({
    freshness: { state: 'stale' },
  });
  release();
  await mom.run(10, RELAXED);
  expect(await current(world)).toBeGreaterThan(0.99 * 1024 ** 2);
});

test('a silence ends with the boot of the guest, as do the figures that MoM remembers', async () => {
  const { world, guest } = await shrunk();
  const release = guest.hang();
  await world.sampledFor(60);
  release();
  await world.call('VM.reset', { vmID });
  await world.sampledFor(60);
  const [{ balloonInfo }] = (await world.call('VM.getStats', { vmID })) as [
    { balloonInfo: { balloon_min: string; balloon_cur: string } },
  ];
  expect(Number(balloonInfo.balloon_min)).toBeLessThan(Number(balloonInfo.balloon_cur));
});

test('a guest that is silent and not ballooned has no figures, since MoM would remember them', async () => {
  const world = await World.open({ period: { own: 'when-absent' } });
  await world.boot();
  await world.call('VM.setMemoryStatsPeriod', { vmID, period: 0 });
  await world.sampledFor(60);
  expect(await world.stats(vmID)).toMatchObject({ memUsage: '0' });
  expect(await world.stats(vmID)).not.toHaveProperty('memoryStats');
  expect(world.news('memory', vmID).some(({ event }) => event === 'balloon-silent')).toBe(false);
});

test('a pause of a ballooned guest is not told as silence, neither while it lasts nor after it', async () => {
  const { world } = await shrunk();
  await world.call('VM.pause', { vmID });
  await world.sampledFor(300);
  await world.call('VM.cont', { vmID });
  await world.sampledFor(60);
  expect(world.news('memory', vmID).some(({ event }) => event === 'balloon-silent')).toBe(false);
});
