import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparison } from './calibrate/compare.ts';
import { judged, type Result, type Verdict, verdicts } from './bars.ts';
import { plot } from './plot.ts';
import { drawn } from './scenarios/drawn.ts';
import { load } from './scenarios/load.ts';
import { overcommit, trouble } from './scenarios/trouble.ts';
import { run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { squeezedReport } from './squeezed.ts';
import { table } from './table.ts';

// Judges the policies in virtual time: npm run simulate -- [--drawn COUNT] [--seed FIRST] [SCENARIO…]
// npm run simulate -- --pictures draws those of docs/policy.md instead.
const args = process.argv.slice(2);
const option = (name: string, usual: number): number => {
  const index = args.indexOf(name);
  return index < 0 ? usual : Number(args.splice(index, 2)[1]);
};
const count = option('--drawn', 40);
const seed = option('--seed', 3001);
const tuned = [...load, ...trouble, ...overcommit];
const unknown = args.filter(
  (name) => name !== '--pictures' && !tuned.some((scenario) => scenario.name === name),
);
if (unknown.length > 0) {
  console.error(
    `There is no scenario ${unknown.join(', ')}; there are ${tuned.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

/** The scenarios that docs/policy.md shows, and their files. */
const PICTURES: Readonly<Record<string, string>> = {
  'step, page cache': 'policy-step.svg',
  '8×8 GiB at 1.1, unused': 'policy-steady.svg',
};

const directory = join(import.meta.dirname, '..', 'results');
mkdirSync(directory, { recursive: true });

if (args.includes('--pictures')) {
  pictures();
} else if (args.length > 0) {
  const chosen = judge(tuned.filter(({ name }) => args.includes(name)));
  console.log(table(chosen));
} else {
  const known = judge(tuned);
  const unseen = judge(Array.from({ length: count }, (_, index) => drawn(seed + index)));
  const report = [
    '# Balloon policies in the simulator',
    "Written by `npm run simulate`. `mom` is VDSM's policy at its 15 s, `adaptive` ours at 5 s, `oracle` an allocator that knows what guests are going to use. MoM sees figures that are never stale, which favours it.",
    '## What `adaptive` is to reach',
    list('Scenarios that it was tuned on', verdicts(known)),
    list(
      `${String(count)} scenarios drawn from seed ${String(seed)}, which it was not tuned on`,
      verdicts(unseen),
    ),
    "## squeezed's eight scenarios and negative controls",
    squeezedReport(),
    '## The simulated guest beside the real one',
    'A Linux guest of 1 GiB under QEMU (without KVM, on a busy machine), sent to 512 MiB after 5 s, back after 15 s, and to 600 MiB after 30 s; after 22 s it fills 300 MiB. Two runs of the real guest, then the simulated one.',
    comparison(),
    '## Scenarios',
    tuned.map(({ name, what }) => `* **${name}**: ${what}`).join('\n'),
    table(known),
    '## Drawn scenarios',
    table(unseen),
  ].join('\n\n');
  writeFileSync(join(directory, 'policy.md'), `${report}\n`);
  console.log(report);
}

function judge(scenarios: readonly Scenario[]): Result[] {
  return scenarios.map((scenario) => {
    const { runs, ...result } = judged(scenario);
    if (!scenario.name.startsWith('drawn')) {
      const points = {
        mom: runs.mom.points,
        adaptive: runs.adaptive.points,
        oracle: runs.oracle.points,
      };
      writeFileSync(join(directory, `${fileName(scenario.name)}.svg`), plot(scenario.name, points));
    }
    return result;
  });
}

/** Draws what the documents show of mom and adaptive. */
function pictures(): void {
  for (const [name, file] of Object.entries(PICTURES)) {
    const scenario = tuned.find((one) => one.name === name);
    if (!scenario) throw new Error(`there is no scenario ${name}`);
    const points = {
      mom: run(scenario, 'mom').points,
      adaptive: run(scenario, 'adaptive').points,
    };
    writeFileSync(join(import.meta.dirname, '../../docs/pictures', file), plot(name, points));
  }
}

function list(title: string, found: readonly Verdict[]): string {
  const lines = found.map(
    ({ bar, isReached, found: what }) =>
      `* ${isReached ? 'reached' : '**missed**'}: ${bar}: ${what}`,
  );
  return [`### ${title}`, lines.join('\n')].join('\n\n');
}

function fileName(name: string): string {
  return name.replace(/[^a-z0-9.]+/gi, '-').toLowerCase();
}
