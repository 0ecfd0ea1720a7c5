import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guard } from './guard.ts';

/** The guards of the benchmarks by their names. */
export type Guards = Readonly<Record<string, Guard>>;

/**
 * What is committed, by the processor that it was measured on: how fast the kernel is beside JavaScript differs between
 * processors, and most peers are one or the other.
 */
export type Committed = Readonly<Record<string, Guards>>;

const file = join(import.meta.dirname, 'guard.json');

export const readCommitted = async (): Promise<Committed> =>
  JSON.parse(await readFile(file, 'utf8')) as Committed;

export const writeCommitted = (committed: Committed): Promise<void> =>
  writeFile(file, `${JSON.stringify(committed, undefined, 2)}\n`);

/** Returns what a benchmark is compared with: the guard of this processor or, if there is none, those of all others. */
export function guardsOf(committed: Committed, model: string, name: string): readonly Guard[] {
  const own = committed[model]?.[name];
  if (own) return [own];
  const others = Object.values(committed).map((guards) => guards[name]);
  return others.filter((guard) => guard !== undefined);
}

/**
 * Returns what is committed with what was found on a processor in its place. Of that processor the benchmarks that were
 * not run are kept, and those that are not in `order` dropped.
 */
export function merged(
  committed: Committed,
  model: string,
  found: Guards,
  order: readonly string[],
): Committed {
  const guards = order
    .map((name) => [name, found[name] ?? committed[model]?.[name] ?? {}] as const)
    .filter(([, guard]) => Object.keys(guard).length > 0);
  return { ...committed, [model]: Object.fromEntries(guards) };
}
