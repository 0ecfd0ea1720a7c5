import { closeDebugger } from './cli/debugger.ts';
import { leaveLostTerminals, openOutput } from './cli/output.ts';
import { run } from './cli/run.ts';
import { ServiceManager } from './cli/serviceManager.ts';
import { systemClock } from './common/clock.ts';
import { Milliseconds } from './common/units.ts';
import type { ChooseHypervisor } from './service/connect.ts';
import { startService } from './service/service.ts';

/** How long the last lines may take if their reader is slow. */
const DRAIN_DEADLINE = Milliseconds(1000);
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** Runs vmemd with the arguments of this process, on the hypervisor that `choose` returns, then ends it. */
export async function program(choose?: ChooseHypervisor): Promise<never> {
  const stdout = openOutput(process.stdout, 1);
  const stderr = openOutput(process.stderr, 2);
  closeDebugger();
  // Node ends with status 13 if nothing but a timer of the system clock is left to wait for
  setInterval(() => undefined, LONGEST_INTERVAL);

  const status = await run(process.argv.slice(2), {
    env: process.env,
    lines: { input: process.stdin, output: process.stdout },
    stdout,
    stderr,
    now: () => systemClock.now(),
    onSignal(handler) {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, handler);
    },
    manager: (warn) => new ServiceManager({ env: process.env, clock: systemClock, warn }),
    start: (config, log) =>
      startService(config, log, { droppedLines: () => stderr.dropped, choose }),
  });
  await Promise.all([stdout, stderr].map((output) => output.drain(DRAIN_DEADLINE)));
  leaveLostTerminals();
  return process.exit(status);
}
