import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bars } from './bars.ts';
import { benchBigHost } from './bigHost.ts';
import { benchCreation } from './creation.ts';
import { type Ratios, worse, worstRatios } from './guard.ts';
import { benchExporter } from './exporter.ts';
import { benchHotplug } from './hotplug.ts';
import { benchLibvirt } from './libvirt.ts';
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
the bars in docs/performance.md; those of benchmarks that were not chosen stay. --quick is shorter and judges no bar. --guard fails if a ratio is worse than the committed one by 30 % in each of three
tries; --record writes what to commit, the worst ratio of three runs. --no-skips fails if a benchmark cannot run here.`;

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

const committed = join(import.meta.dirname, 'guard.json');
const TRIES = 3;

const { values: options, positionals: chosen } = parse();
const unknown = chosen.filter((name) => !Object.hasOwn(benches, name));
if (options.help || unknown.length > 0) {
  const names = Object.keys(benches).join(', ');
  const reason = unknown.length > 0 ? `There is no benchmark ${unknown.join(', ')}. ` : '';
  console.error(`${USAGE}\n\n${reason}There are ${names}.`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const guarded: Ratios | undefined =
  options.guard ? (JSON.parse(await readFile(committed, 'utf8')) as Ratios) : undefined;
const results: Result[] = [];
/** All rows of all runs. */
const measured: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    results.push({ name, rows: await guardedRun(name, bench) });
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

/**
 * Runs a benchmark, again if a ratio is worse than the committed one; what is worse in each run fails. What is to be
 * committed is run as often.
 */
async function guardedRun(name: string, bench: Bench): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  let left: readonly string[] | undefined;
  for (let turn = 1; turn <= TRIES; turn++) {
    rows = await bench({ quick: options.quick });
    measured.push(...rows);
    console.log(`${name}\n${table(rows)}`);
    if (options.record) continue;
    if (!guarded) return rows;
    const now = worse(rows, guarded).map((row) => row.name);
    left = (left ?? now).filter((each) => now.includes(each));
    if (left.length === 0) return rows;
    for (const row of rows.filter((each) => left?.includes(each.name))) {
      const before = figure(guarded[row.name] ?? NaN);
      const found = figure(row.beside?.ratio.median ?? NaN);
      console.log(`worse in try ${String(turn)}: ${row.name}: ${found} ×, committed ${before} ×`);
    }
  }
  if (guarded) process.exitCode = 1;
  return rows;
}

async function conclude(): Promise<void> {
  const rows = results.flatMap((each) => each.rows);
  if (options.record) {
    const text = JSON.stringify(worstRatios(measured), undefined, 2);
    await writeFile(committed, `${text}\n`);
  } else if (options.quick) {
    console.log('These runs are too short for the bars: npm run bench judges them.');
  } else {
    const isAll = chosen.length === 0;
    const judged = verdicts(rows, bars).filter(({ found }) => isAll || found !== '');
    console.log(judged.map(verdictLine).join('\n'));
    if (options.publish) await publish(results, Object.keys(benches));
  }
}
