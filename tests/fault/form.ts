import { appendFileSync } from 'node:fs';
import { seeded } from '../simulation/seeded.ts';

/** Whether the long form runs: the same faults, but more of them. */
export const isLong = process.env['VMEMD_TEST_LONG'] === '1';

/** What chooses requests and moments. */
const seed = Number(process.env['VMEMD_TEST_SEED'] ?? 1);

/** Numbers from 0 to below 1 that the run's seed determines, for one test. */
export const random = (test: number): (() => number) => seeded(seed + test);

/** Reports a figure, which the command prints at its end. */
export function figure(text: string): void {
  const file = process.env['VMEMD_TEST_FIGURES'];
  if (file) appendFileSync(file, `${text}\n`);
  else process.stderr.write(`${text}\n`);
}
