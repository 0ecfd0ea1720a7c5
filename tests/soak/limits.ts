import type { Figures } from './daemon/messages.ts';

const MIB = 1024 ** 2;

/**
 * What may be more than after the first round. All rounds send thousands of requests over hundreds of connections, so
 * that what is kept of each of them is far above: 100 bytes of each request are some MiB. At rest vmemd has no clients.
 */
const SLACK = {
  // a page that is read, a certificate that is loaded again
  fds: 2,
  sockets: 0,
  resources: 2,
  // of each VM one may be about to end
  timers: 20,
  listeners: 20,
  hostListeners: 0,
} as const satisfies Partial<Record<keyof Figures, number>>;

/** Compiled code, caches of compiled patterns and shapes, the last samples of 200 VMs. */
const HEAP = 4 * MIB;
/** Bytes of heap per character of the audit trail, which grows up to its own bounds: JSON, and the objects of it. */
const PER_CHARACTER = 6;

/** Returns what has grown from one rest to another. */
export function growth(before: Figures, after: Figures): string[] {
  const problems = Object.entries(SLACK).flatMap(([name, slack]) => {
    const [was, is] = [before[name as keyof typeof SLACK], after[name as keyof typeof SLACK]];
    return is > was + slack ? [`${name} grew from ${String(was)} to ${String(is)}`] : [];
  });
  const allowed = HEAP + PER_CHARACTER * Math.max(0, after.trail - before.trail);
  if (after.heap > before.heap + allowed) {
    const [was, is, may] = [before.heap, after.heap, allowed].map((bytes) =>
      (bytes / MIB).toFixed(1),
    );
    problems.push(
      `the heap grew from ${String(was)} to ${String(is)} MiB, ${String(may)} more is allowed`,
    );
  }
  return problems;
}
