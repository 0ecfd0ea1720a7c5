import { readFileSync } from 'node:fs';
import { SimulatedGuest } from '../guest.ts';
import { GIB } from '../scenario.ts';
import { quiet } from '../../../src/host/simulated/guest/workload.ts';
import { KiB } from '../../../src/common/units.ts';

interface Sample {
  readonly time: number;
  readonly current: number;
  readonly available?: number | undefined;
  readonly unused?: number | undefined;
  readonly usable?: number | undefined;
}

interface Recording {
  readonly plan: {
    readonly memory: number;
    readonly fill: { readonly mib: number; readonly after: number };
    readonly targets: readonly (readonly [number, number])[];
  };
  readonly runs: readonly (readonly Sample[])[];
}

const FILE = 'fixtures/policy/real-guest.json';
/** What the programs of the lab's guest use, and how fast it fills a file in memory; MiB and MiB per second. */
const PROGRAMS = 37;
const FILL_RATE = 120;
const TIMES = [1, 7, 9, 14, 17, 21, 24, 29, 32, 38];
const BOOT = 10;

/** Returns a Markdown table of the real guest's recorded runs beside a simulated guest that is asked for the same. */
export function comparison(): string {
  const { plan, runs } = JSON.parse(readFileSync(FILE, 'utf8')) as Recording;
  const simulated = simulate(plan);
  const head = [
    'after, s',
    ...['current', 'available', 'unused', 'usable'].map((name) => `${name}, MiB`),
  ];
  const rows = TIMES.map((time) => {
    const all = [...runs.map((run) => at(run, time)), at(simulated, time)];
    const cell = (name: keyof Sample): string =>
      all.map((sample) => ((sample[name] ?? NaN) / 1024).toFixed(0)).join(' / ');
    return [String(time), cell('current'), cell('available'), cell('unused'), cell('usable')];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}

function at(samples: readonly Sample[], time: number): Sample {
  return samples.findLast((sample) => sample.time <= time) ?? { time, current: NaN };
}

function simulate({ memory, fill, targets }: Recording['plan']): Sample[] {
  const guest = new SimulatedGuest(
    {
      name: 'guest',
      memory: memory / 1024,
      floor: 0,
      workingSet: (time) => (PROGRAMS + (time >= BOOT + fill.after ? fill.mib : 0)) / 1024,
      workload: () => ({ ...quiet, touchRate: KiB(FILL_RATE * 1024) }),
      period: 1,
    },
    1,
  );
  const samples: Sample[] = [];
  for (let time = 1; time <= BOOT + 40; time++) {
    guest.advance(time);
    for (const [after, mib] of targets) {
      if (time === BOOT + after) guest.setTarget((mib / 1024) * GIB, time);
    }
    samples.push({ ...guest.figures(time), time: time - BOOT, current: guest.current });
  }
  return samples;
}
