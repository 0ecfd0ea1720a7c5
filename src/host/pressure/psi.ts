/** Pressure stall information of memory: tasks that waited for memory (`some`), and all at once (`full`). */
export interface Psi {
  readonly some: PsiLine;
  readonly full?: PsiLine;
}

export interface PsiLine {
  /** Percentage of the last 10 s. */
  readonly avg10: number;
  /** Seconds since boot. */
  readonly total: number;
}

const MICROSECONDS = 1e6;

/** Reads the text of /proc/pressure/memory; undefined if it does not have the kernel's form. */
export function readPsi(text: string): Psi | undefined {
  const some = readLine('some', text);
  const full = readLine('full', text);
  return some && { some, ...(full && { full }) };
}

function readLine(name: keyof Psi, text: string): PsiLine | undefined {
  const line = new RegExp(`^${name} avg10=(\\d+(?:\\.\\d+)?) .*\\btotal=(\\d+)$`, 'm').exec(text);
  if (!line) return undefined;
  const avg10 = Number(line[1]);
  return avg10 > 100 ? undefined : { avg10, total: Number(line[2]) / MICROSECONDS };
}
