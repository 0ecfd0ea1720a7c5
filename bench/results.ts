import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bars } from './bars.ts';
import { root } from './build.ts';
import { machineOf } from './machine.ts';
import { markdownTable, verdicts, verdictTable } from './report.ts';
import type { Row } from './row.ts';

/** The rows of one benchmark, or why it did not run. */
export interface Result {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly reason?: string;
}

/** What was measured on one machine. */
interface Published {
  readonly machine: string;
  readonly results: readonly (Result & { readonly day: string })[];
}

const folder = join(import.meta.dirname, 'results');
const figures = join(folder, 'performance.json');

/** The page that shows what became of the bars, between two marks. */
const PAGE = join(root, 'docs/performance.md');
const MARKS = /(<!-- bars -->\n)[^]*(<!-- end of bars -->)/;

/**
 * Writes results as bench/results/performance.json and .md, with the machine that they were measured on, and what became
 * of the bars to docs/performance.md. Keeps the results of other benchmarks on the same machine; `order` has all names.
 */
export async function publish(results: readonly Result[], order: readonly string[]): Promise<void> {
  const machine = machineOf();
  const day = new Date().toISOString().slice(0, 10);
  const before = JSON.parse(await readFile(figures, 'utf8')) as Published;
  const kept = before.machine === machine ? before.results : [];
  const found = [...results.map((result) => ({ ...result, day })), ...kept];
  const all = order.flatMap((name) => found.find((result) => result.name === name) ?? []);
  const published: Published = { machine, results: all };
  await writeFile(figures, `${JSON.stringify(published, undefined, 2)}\n`);
  const judged = verdictTable(
    verdicts(
      all.flatMap(({ rows }) => rows),
      bars,
    ),
  );
  await writeFile(join(folder, 'performance.md'), pageOf(published, judged));
  const shown = `\n<!-- prettier-ignore -->\n${judged}\nOn ${machine}.\n\n`;
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, page.replace(MARKS, `$1${shown}$2`));
}

function pageOf({ machine, results }: Published, judged: string): string {
  const notRun = results.flatMap(({ name, reason }) =>
    reason === undefined ? [] : [`- not run: ${name}: ${reason}\n`],
  );
  const parts = [
    `# Performance\n\nMade by \`npm run bench\` on ${machine}.\n`,
    'A ratio is vmemd beside the program or limit that is named, in the same run: the median of the runs.\n',
    ...results
      .filter(({ rows }) => rows.length > 0)
      .map(({ name, day, rows }) => `## ${name}\n\n${day}\n\n${markdownTable(rows)}`),
    `## Bars\n\n${judged}`,
    ...(notRun.length > 0 ? [`## Not run\n\n${notRun.join('')}`] : []),
  ];
  return parts.join('\n');
}
