import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuMs } from './cpu.ts';
import { residentMiB } from './resident.ts';

/** A program from its start to its first answer: milliseconds, and MiB. */
export interface Start {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Ready when it has written a line, as it does nothing else. */
const ALONE = ['-e', "process.stdout.write('ready\\n'); setInterval(() => undefined, 1000)"];

/** Starts Node without a program until it runs, and ends it. */
export async function bareNode(): Promise<Start> {
  const began = performance.now();
  const child = spawn(process.execPath, ALONE, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const pid = child.pid ?? NaN;
  const start = {
    wall: performance.now() - began,
    cpu: await cpuMs(pid),
    memory: await residentMiB(pid),
  };
  child.kill();
  await ended;
  return start;
}
