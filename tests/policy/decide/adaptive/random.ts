import fc from 'fast-check';
import { KiB } from '../../../../src/common/units.ts';
import type { GuestFigures, HostFigures } from '../../../../src/policy/decide/round/round.ts';

const MOST = 64 * 1024 ** 2;

/** Any figure that a guest may send: mostly plausible, sometimes absent or absurd. */
const told = (most: number): fc.Arbitrary<KiB | undefined> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: most }).map(KiB) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 0, Number.NaN, Infinity, 2 ** 60).map(KiB) },
  );

const exemption = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('paused', 'migrating', 'hugepages', 'pinned') },
);

const guest = fc
  .record({
    memory: fc.integer({ min: 1024, max: MOST }),
    floorShare: fc.double({ min: 0, max: 1.2, noNaN: true }),
    currentShare: fc.double({ min: 0, max: 1.1, noNaN: true }),
    hasFloor: fc.boolean(),
    weight: fc.oneof(fc.constantFrom(1, 2, 1000), fc.double()),
    exempt: exemption,
    told: fc.array(told(MOST), { minLength: 8, maxLength: 8 }),
    age: fc.integer({ min: -10, max: 100 }),
  })
  .map((drawn) => (name: string, time: number): GuestFigures => {
    const [available, unused, usable, diskCaches, swapIn, swapOut, majorFaults, resident] =
      drawn.told;
    const figures = {
      available,
      unused,
      usable,
      diskCaches,
      swapIn,
      swapOut,
      majorFaults,
      resident,
    };
    return {
      name,
      current: KiB(Math.round(drawn.memory * drawn.currentShare)),
      memory: KiB(drawn.memory),
      weight: drawn.weight,
      reportedAt: time - drawn.age,
      ...(drawn.hasFloor && { floor: KiB(Math.round(drawn.memory * drawn.floorShare)) }),
      ...(drawn.exempt && { exempt: drawn.exempt }),
      ...(Object.fromEntries(
        Object.entries(figures).filter(([, value]) => value !== undefined),
      ) as Partial<GuestFigures>),
    };
  });

export interface RandomRound {
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
}

const round = fc
  .record({
    pause: fc.integer({ min: 0, max: 60 }),
    total: fc.integer({ min: 1024 ** 2, max: 4 * MOST }),
    availableShare: fc.double({ min: 0, max: 1, noNaN: true }),
    stall: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    guests: fc.array(guest, { maxLength: 8 }),
  })
  .map((drawn) => (before: number): RandomRound => {
    const time = before + drawn.pause;
    return {
      host: {
        time,
        total: KiB(drawn.total),
        available: KiB(Math.round(drawn.total * drawn.availableShare)),
        ...(drawn.stall !== undefined && { stall: drawn.stall }),
      },
      guests: drawn.guests.map((make, index) => make(`vm${String(index)}`, time)),
    };
  });

/** Successive rounds in which anything may have happened to anybody in between. */
export const rounds: fc.Arbitrary<readonly RandomRound[]> = fc
  .array(round, { minLength: 1, maxLength: 5 })
  .map((makers) => {
    let time = 1000;
    return makers.map((make) => {
      const made = make(time);
      time = made.host.time;
      return made;
    });
  });
