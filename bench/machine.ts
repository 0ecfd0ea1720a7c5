import { cpus, release, totalmem } from 'node:os';

/** Returns the model of this machine's processor. */
export const processor = (): string => cpus()[0]?.model.trim() ?? 'an unknown CPU';

/** Returns what figures depend on: processors, memory, kernel and Node. */
export function machineOf(): string {
  const gib = Math.round(totalmem() / 1024 ** 3);
  return `${String(cpus().length)} × ${processor()}, ${String(gib)} GiB, Linux ${release()}, Node ${process.version}`;
}
