import { KiB, Milliseconds } from '../../../src/common/units.ts';
import type { GuestPlan, Scenario } from '../scenario.ts';
import { churning, herd, plan, steady, step, streaming } from './shapes.ts';

const host = (total: number, own: (time: number) => number = steady(4)) => ({ total, own });
const squeezed = step(4, 600, 18);

/** Guests that do not do, or do not say, what they should. */
export const trouble: readonly Scenario[] = [
  {
    name: 'stuck balloon',
    what: 'two of eight balloons do not move, one is slow',
    host: host(72, squeezed),
    minutes: 40,
    guests: herd(
      8,
      () => steady(2.5),
      (index) =>
        index < 2 ? { behaviour: { balloonRate: KiB(1) } }
        : index === 2 ? { behaviour: { balloonRate: KiB(16 * 1024) } }
        : {},
    ),
    stepAt: 600,
    steadyFrom: 1500,
  },
  {
    name: 'lying guest',
    what: 'one guest claims to use all that it has',
    host: host(68, squeezed),
    minutes: 40,
    guests: [
      plan('liar', steady(1), {
        lie: (report) => ({
          ...report,
          unused: KiB(0),
          usable: KiB(0),
          swapIn: KiB(report.at * 100),
        }),
      }),
      ...herd(7, () => steady(3)),
    ],
    steadyFrom: 1500,
  },
  {
    name: 'no statistics',
    what: 'three of eight guests report nothing',
    host: host(80, squeezed),
    minutes: 40,
    guests: herd(
      8,
      () => steady(3),
      (index) => (index < 3 ? { behaviour: { statistics: false } } : {}),
    ),
    stepAt: 600,
    steadyFrom: 1500,
  },
  {
    name: 'reboot',
    what: 'a guest reboots while it is being squeezed',
    host: host(64, squeezed),
    minutes: 40,
    guests: herd(
      8,
      () => steady(2.5),
      (index) =>
        index === 0 ? { rebootsAt: 615, behaviour: { bootTime: Milliseconds(20_000) } } : {},
    ),
    steadyFrom: 1500,
  },
  {
    name: 'guarantee raised',
    what: 'a squeezed guest is guaranteed 6 GiB',
    host: host(60, squeezed),
    minutes: 40,
    guests: herd(
      8,
      () => steady(2.5),
      (index) => (index === 0 ? { raisedFloor: { at: 1200, floor: 6 } } : {}),
    ),
    steadyFrom: 1800,
  },
  {
    name: 'started under pressure',
    what: 'two VMs are started on a host that has just its reserve',
    host: host(66),
    minutes: 45,
    guests: [
      ...herd(6, () => steady(3)),
      plan('late1', steady(3), { startsAt: 900 }),
      plan('late2', steady(3), { startsAt: 930 }),
    ],
    steadyFrom: 1800,
  },
];

/** Eight guests of 8 GiB, promised so many times what the host has. */
const overcommitted = (factor: number, kind: string, fill: GuestPlan['workload']): Scenario => {
  const total = 64 / factor + 4;
  const fair = (total * 0.8 - 4) / 8;
  return {
    name: `8×8 GiB at ${factor.toFixed(1)}, ${kind}`,
    what: `guests of together ${factor.toFixed(1)} times the host's memory, steady load`,
    host: { total, own: steady(4) },
    minutes: 60,
    guests: herd(
      8,
      (index) => steady(fair * (0.45 + 0.05 * index)),
      () => ({ floor: 1, ...(fill && { workload: fill }) }),
    ),
    steadyFrom: 1200,
  };
};

export const overcommit: readonly Scenario[] = [
  ...[1.1, 1.3, 1.5, 2].map((factor) => overcommitted(factor, 'unused', churning(100))),
  ...[1.1, 1.3, 1.5, 2].map((factor) => overcommitted(factor, 'cache', streaming(100))),
  {
    name: '50 VMs',
    what: '50 VMs of mixed size, steady load',
    host: { total: 128, own: steady(8) },
    minutes: 60,
    guests: Array.from({ length: 50 }, (_, index) => {
      const memory = [1, 2, 4, 8][index % 4] ?? 4;
      return plan(`vm${String(index + 1)}`, steady(memory * (0.2 + 0.05 * (index % 5))), {
        memory,
        floor: memory / 8,
        workload: (index % 3 === 0 ? streaming : churning)(memory * 3),
      });
    }),
    steadyFrom: 1200,
  },
];
