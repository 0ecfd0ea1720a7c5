import { parseArgs } from 'node:util';
import { bars } from './bars.ts';
import { benchBigHost } from './bigHost.ts';
import { benchCreation } from './creation.ts';
import { benchExporter } from './exporter.ts';
import { type Fault, type Guard, guarded, recorded, TRIES } from './guard.ts';
import { guardsOf, merged, readCommitted, writeCommitted } from './guardFile.ts';
import { benchHotplug } from './hotplug.ts';
import { benchLibvirt } from './libvirt.ts';
import { processor } from './machine.ts';
import { benchMemory } from './memory.ts';
import { benchPage } from './page.ts';
import { benchPolicy } from './policy.ts';
import { type Bench, figure, table, verdictLine, verdicts } from './report.ts';
import { publish, type Result } from './results.ts';
import { benchRpc } from './rpc.ts';
import type { Row } from './row.ts';
import { benchSampledGuests } from './sampledGuests.ts';
import { benchSampling } from './sampling.ts';
import { benchStart } from './start.ts';
import { benchStomp } from './stomp.ts';
import { benchVmemctl } from './vmemctl.ts';
import { benchXml } from './xml.ts';

const USAGE = `Usage: npm run bench -- [--publish | --quick [--guard | --record]] [--no-skips] [benchmark...]

Measures vmemd beside peers and limits, and compares the figures with bars. --publish writes bench/results/performance.* and
the bars in docs/performance.md; those of benchmarks that were not chosen stay. --quick is shorter and judges no bar. --guard
fails if a ratio is worse than the committed one by 30 %, or a count of calls higher, in each of three tries, or if one is
missing; --record writes what to commit, the median of three runs, and keeps that of benchmarks that were not chosen. Both
use the figures of this machine's processor; on one that has none, --guard fails on what is worse than those of all others.
--no-skips fails if a benchmark cannot run here.`;

const benches: Readonly<Record<string, Bench>> = {
  rpc: benchRpc,
  stomp: benchStomp,
  libvirt: benchLibvirt,
  'big-host': benchBigHost,
  start: benchStart,
  memory: benchMemory,
  sampling: benchSampling,
  guests: benchSampledGuests,
  hotplug: benchHotplug,
  creation: benchCreation,
  exporter: benchExporter,
  xml: benchXml,
  policy: benchPolicy,
  page: benchPage,
  vmemctl: benchVmemctl,
};

const { values: options, positionals: chosen } = parse();
const refusal = refusalOf();
if (options.help || refusal !== undefined) {
  console.error(`${USAGE}\n\n${refusal ?? `There are ${Object.keys(benches).join(', ')}.`}`);
  process.exit(refusal === undefined ? 0 : 2);
}

const committed = await readCommitted();
const gone = Object.values(committed)
  .flatMap((guards) => Object.keys(guards))
  .filter((name) => !Object.hasOwn(benches, name));
if (options.guard && gone.length > 0) {
  console.log(`bench/guard.json has ${gone.join(', ')}, which is no benchmark.`);
  process.exitCode = 1;
}
const results: Result[] = [];
/** What was recorded of each benchmark. */
const found: Record<string, Guard> = {};
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    results.push({ name, rows: await rowsOf(name, bench) });
  } catch (error) {
    const reason = (error as Error).message;
    results.push({ name, rows: [], reason });
    console.log(`${name}: not run: ${reason}\n`);
    if (options['no-skips']) process.exitCode = 1;
  }
}
await conclude();

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      'no-skips': { type: 'boolean', default: false },
    },
  });
}

/** Returns why nothing is run; undefined if all is well. */
function refusalOf(): string | undefined {
  const unknown = chosen.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0)
    return `There is no benchmark ${unknown.join(', ')}. There are ${Object.keys(benches).join(', ')}.`;
  if ((options.guard || options.record) && !options.quick)
    return 'The guard compares quick runs: add --quick.';
  return undefined;
}

/** Runs a benchmark, as often as its guard or its recording need. */
async function rowsOf(name: string, bench: Bench): Promise<readonly Row[]> {
  const run = async (): Promise<readonly Row[]> => {
    const rows = await bench({ quick: options.quick });
    console.log(`${name}\n${table(rows)}`);
    return rows;
  };
  if (options.record) {
    const runs: (readonly Row[])[] = [];
    while (runs.length < TRIES) runs.push(await run());
    found[name] = recorded(runs);
    return runs.at(-1) ?? [];
  }
  if (!options.guard) return run();
  const guards = guardsOf(committed, processor(), name);
  const { rows, faults } = await guarded(run, guards, (wrong, turn) => {
    const at = `try ${String(turn)}`;
    if (wrong instanceof Error) console.log(`${name}: ${at} did not finish: ${wrong.message}`);
    else for (const fault of wrong) console.log(`worse in ${at}: ${faultLine(fault)}`);
  });
  if (faults.length > 0) process.exitCode = 1;
  return rows;
}

function faultLine({ name, committed: before, found: now }: Fault): string {
  const known = before.map((each) => figure(each)).join(' and ');
  return `${name}: ${now === undefined ? 'not measured' : figure(now)}, committed ${known}`;
}

async function conclude(): Promise<void> {
  if (options.record) await record();
  else if (options.quick) {
    console.log('These runs are too short for the bars: npm run bench judges them.');
  } else {
    const rows = results.flatMap((each) => each.rows);
    const isAll = chosen.length === 0;
    const judged = verdicts(rows, bars).filter((verdict) => isAll || verdict.found !== '');
    console.log(judged.map(verdictLine).join('\n'));
    if (options.publish) await publish(results, Object.keys(benches));
  }
}

/** Writes what was found in place of what was committed of the same benchmarks; nothing if one could not run. */
async function record(): Promise<void> {
  const failed = results.filter(({ reason }) => reason !== undefined).map(({ name }) => name);
  if (failed.length > 0) {
    console.error(`Nothing is recorded, as ${failed.join(', ')} could not run.`);
    process.exitCode = 1;
    return;
  }
  await writeCommitted(merged(committed, processor(), found, Object.keys(benches)));
}
