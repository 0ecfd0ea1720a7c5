import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'corpus');

/** An input that was once found to do harm. */
export interface Finding {
  readonly input: unknown;
  /** What was wrong. */
  readonly found: string;
}

/** Returns the findings of a target by name. */
export function findings(target: string): ReadonlyMap<string, Finding> {
  const own = join(folder, target);
  const names = existsSync(own) ? readdirSync(own).sort() : [];
  return new Map(names.map((name) => [name, readFinding(join(own, name))]));
}

export const readFinding = (file: string): Finding =>
  JSON.parse(readFileSync(file, 'utf8')) as Finding;

/** Keeps a finding, which is then replayed by the tests; returns its file. */
export function keep(target: string, seed: number, finding: Finding): string {
  const own = join(folder, target);
  mkdirSync(own, { recursive: true });
  const file = join(own, `${String(seed)}.json`);
  writeFileSync(file, `${JSON.stringify(finding, null, 2)}\n`);
  return file;
}
