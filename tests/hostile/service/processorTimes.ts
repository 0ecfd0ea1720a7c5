import { readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** Returns how long, in ms, the main thread of a process has run and has waited for a processor so far. */
export function processorTimes(pid: number): { readonly work: number; readonly wait: number } {
  const file = `/proc/${String(pid)}/task/${String(pid)}/schedstat`;
  const [work = NaN, wait = NaN] = readFileSync(file, 'utf8')
    .split(' ')
    .map((ns) => Number(ns) / NS_PER_MS);
  return { work, wait };
}
