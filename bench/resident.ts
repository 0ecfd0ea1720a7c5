import { readFile } from 'node:fs/promises';

/** Returns the memory of a process that is in RAM, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('/proc has no VmRSS; run this on Linux');
  return Number(kib) / 1024;
}
