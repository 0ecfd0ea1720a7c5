import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './build.ts';
import { markdownTable, type Verdict, verdictTable } from './report.ts';
import type { Row } from './row.ts';

/** The rows of one benchmark, or why it did not run. */
export interface Result {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly reason?: string;
}

const folder = join(import.meta.dirname, 'results');

/** The page that shows what became of the bars, between two marks. */
const PAGE = join(root, 'docs/performance.md');
const MARKS = /(<!-- bars -->\n)[^]*(<!-- end of bars -->)/;

/**
 * Writes the results of a full run as bench/results/performance.json and .md, with the machine that it ran on, and what
 * became of the bars to docs/performance.md.
 */
export async function publish(
  results: readonly Result[],
  verdicts: readonly Verdict[],
): Promise<void> {
  const machine = machineOf();
  const json = JSON.stringify({ machine, results }, undefined, 2);
  await writeFile(join(folder, 'performance.json'), `${json}\n`);
  const notRun = results.flatMap(({ name, reason }) =>
    reason === undefined ? [] : [`- not run: ${name}: ${reason}\n`],
  );
  const parts = [
    `# Performance\n\nMade by \`npm run bench\` on ${machine}.\n`,
    'A ratio is vmemd beside the program or limit that is named, in the same run: the median of the runs.\n',
    ...results
      .filter(({ rows }) => rows.length > 0)
      .map(({ name, rows }) => `## ${name}\n\n${markdownTable(rows)}`),
    `## Bars\n\n${verdictTable(verdicts)}`,
    ...(notRun.length > 0 ? [`## Not run\n\n${notRun.join('')}`] : []),
  ];
  await writeFile(join(folder, 'performance.md'), parts.join('\n'));
  const shown = `\n<!-- prettier-ignore -->\n${verdictTable(verdicts)}\nOn ${machine}.\n\n`;
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, page.replace(MARKS, `$1${shown}$2`));
}

function machineOf(): string {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  const day = new Date().toISOString().slice(0, 10);
  return `${String(cpus().length)} × ${first?.model.trim() ?? 'an unknown CPU'}, ${String(gib)} GiB, Linux ${release()}, Node ${process.version}, ${day}`;
}
