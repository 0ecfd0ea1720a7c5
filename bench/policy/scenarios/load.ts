import type { Scenario } from '../scenario.ts';
import {
  bursts,
  churning,
  herd,
  noisy,
  plan,
  ramp,
  reading,
  steady,
  step,
  streaming,
  wave,
} from './shapes.ts';

const host = (total: number, own: (time: number) => number = steady(4)) => ({ total, own });

const modest = { memory: 6, floor: 1.5 };

/** Changes of load on the host or in guests that all behave. */
export const load: readonly Scenario[] = [
  {
    name: 'step',
    what: 'a process takes 37 % of the host at once, while guests have much unused memory',
    host: host(80, step(4, 900, 33.6)),
    minutes: 45,
    guests: herd(
      8,
      () => steady(2.5),
      () => ({ ...modest, workload: churning(40) }),
    ),
    stepAt: 900,
    steadyFrom: 1500,
  },
  {
    name: 'step, page cache',
    what: 'the same, while guests have their unused memory full of page cache',
    host: host(80, step(4, 900, 33.6)),
    minutes: 45,
    guests: herd(
      8,
      () => steady(2.5),
      () => ({ ...modest, workload: streaming(40) }),
    ),
    stepAt: 900,
    steadyFrom: 1500,
  },
  {
    name: 'ramp',
    what: 'a process on the host grows for half an hour',
    host: host(72, ramp(4, 600, 24, 2400)),
    minutes: 60,
    guests: herd(8, (index) => steady(2 + 0.25 * index)),
    steadyFrom: 3000,
  },
  {
    name: 'diurnal',
    what: 'guests are busy in turn',
    host: host(56),
    minutes: 120,
    guests: herd(8, (index) => wave(1.5, 6.5, 3600, index / 8)),
  },
  {
    name: 'leak',
    what: 'one guest uses more and more',
    host: host(60),
    minutes: 90,
    guests: [plan('leaking', ramp(2, 600, 7.6, 4800)), ...herd(7, () => steady(3.5))],
  },
  {
    name: 'burst',
    what: 'guests need twice their usual memory for a minute each quarter of an hour',
    host: host(52),
    minutes: 90,
    guests: herd(8, (index) => bursts(2.5, 6, { length: 60, period: 900, phase: index / 8 })),
  },
  {
    name: 'cache-heavy',
    what: 'half of the guests read 4 GiB of files again and again, the others stream',
    host: host(56),
    minutes: 60,
    guests: herd(
      8,
      () => steady(2),
      (index) => ({ workload: index % 2 === 0 ? reading(4, 60) : streaming(60) }),
    ),
    steadyFrom: 1800,
  },
  {
    name: 'idle herd',
    what: '24 guests idle in far more than they need, and one starts to work',
    host: host(64),
    minutes: 60,
    guests: [
      plan('working', step(1, 1200, 6.5), { workload: streaming(5) }),
      ...herd(
        24,
        () => steady(0.6),
        () => ({ memory: 4, floor: 0.5, workload: streaming(2) }),
      ),
    ],
    steadyFrom: 2400,
  },
  {
    name: 'starving',
    what: 'a guest needs 7 GiB, has 2.2 GiB, and a neighbour has slack while the host is short',
    host: host(64, steady(16)),
    minutes: 60,
    guests: [
      plan('starving', step(1.5, 300, 7), { current: 2.2, workload: streaming(0) }),
      plan('slack', steady(2), { workload: streaming(100) }),
      ...herd(
        4,
        () => steady(6.2),
        () => ({ floor: 6 }),
      ),
    ],
    starving: { guest: 'starving', from: 300 },
    steadyFrom: 1800,
  },
  {
    name: 'relief',
    what: '8 nearly full guests of 7 GiB, and a host with 21 % to spare',
    host: host(80, steady(10)),
    minutes: 45,
    guests: herd(
      8,
      () => steady(6.3),
      () => ({ current: 6.6 }),
    ),
    policyFrom: 60,
    steadyFrom: 600,
  },
  {
    name: 'shares',
    what: 'guests with 1, 2 and 4 shares compete, all at the same time',
    host: host(40),
    minutes: 60,
    guests: herd(
      6,
      () => wave(2, 5.2, 1800),
      (index) => ({ weight: 2 ** (index % 3) }),
    ),
  },
  {
    name: 'too little for all',
    what: 'guests use more than the whole host has, all at the same time',
    host: host(40),
    minutes: 60,
    guests: herd(6, () => wave(3, 7, 1800)),
  },
  {
    name: 'noisy host',
    what: 'what the host itself uses jumps by 3 % of its memory every ten seconds',
    host: host(52, noisy(6, 0.25)),
    minutes: 120,
    guests: herd(
      8,
      (index) => steady(2.5 + 0.2 * index),
      () => ({ workload: churning(60) }),
    ),
    steadyFrom: 1200,
  },
  {
    name: 'noisy guests',
    what: 'what guests use jumps by a tenth every ten seconds',
    host: host(48),
    minutes: 60,
    guests: herd(
      8,
      (index) => noisy(2.5 + 0.1 * index, 0.1, index + 1),
      (index) => ({ workload: (index % 2 === 0 ? churning : streaming)(30) }),
    ),
    steadyFrom: 1200,
  },
];
