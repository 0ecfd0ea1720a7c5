#!/usr/bin/env node
import { run } from './cli/run.ts';
import { systemClock } from './common/clock.ts';
import { startService } from './service/service.ts';

const status = await run(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => systemClock.now(),
  onSignal(handler) {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, handler);
  },
  start: startService,
});
process.exit(status);
