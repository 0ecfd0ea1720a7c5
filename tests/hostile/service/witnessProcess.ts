import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Phase } from './phases.ts';
import { processorTimes as of } from './processorTimes.ts';

/** What a witness needs. */
export interface WitnessTask {
  readonly url: string;
  /** The files of its certificate. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** The process of vmemd. */
  readonly pid: number;
}

/** What a call has taken, in ms. */
export interface Sample {
  /** Without the time in which vmemd or its client waited for a processor. */
  readonly time: number;
  /** The processor's time that vmemd has used until its reply, for this call and others. */
  readonly work: number;
}

/** Calls by phase. */
export type Samples = Record<Phase, Sample[]>;

const METHODS = ['Host.ping2', 'Host.getVMList', 'Host.getAllVmStats', 'Host.getOverview'];
const PAUSE_MS = 3;
const CALL_MS = 60_000;

const task = JSON.parse(process.argv[2] ?? '') as WitnessTask;
const [ca, cert, key] = [task.tls.ca, task.tls.cert, task.tls.key].map((file) =>
  readFileSync(file),
);
const samples: Samples = { quiet: [], fire: [] };
const state: { phase: Phase | 'end'; failure?: string } = { phase: 'quiet' };
process.on('message', (next: Phase | 'end') => {
  state.phase = next;
});
process.once('disconnect', () => process.exit());

const socket = new WebSocket(task.url, { ca, cert, key });
await once(socket, 'open');
process.send?.('ready');
socket.once('close', () => {
  state.failure = 'the well-behaved client lost its connection';
});
for (let n = 0; state.phase !== 'end' && state.failure === undefined; n++) {
  const { phase } = state;
  const [before, waited, began] = [of(task.pid), of(process.pid).wait, performance.now()];
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: n, method: METHODS[n % METHODS.length] }));
  await once(socket, 'message', { signal: AbortSignal.timeout(CALL_MS) }).catch(() => {
    state.failure ??= `the well-behaved client waited for more than ${String(CALL_MS / 1000)} s`;
  });
  const after = of(task.pid);
  const wait = after.wait - before.wait + of(process.pid).wait - waited;
  const time = Math.max(0, performance.now() - began - wait);
  if (state.phase === phase) samples[phase].push({ time, work: after.work - before.work });
  await pause(PAUSE_MS);
}
process.send?.(state.failure ?? samples);
