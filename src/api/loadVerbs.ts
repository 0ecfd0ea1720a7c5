import { readdir } from 'node:fs/promises';
import { parse } from 'node:path';
import type { Verb } from './verb.ts';

const folder = new URL('../verbs/', import.meta.url);

/** Loads every file of verbs/; the file name is the method name on the wire. */
export async function loadVerbs(): Promise<ReadonlyMap<string, Verb>> {
  const verbs = new Map<string, Verb>();
  for (const file of (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name)).sort()) {
    const loaded = (await import(new URL(file, folder).href)) as { readonly default: Verb };
    verbs.set(parse(file).name, loaded.default);
  }
  return verbs;
}
