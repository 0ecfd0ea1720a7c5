#!/usr/bin/env node
import { processWorld } from './processWorld.ts';
import { run } from './run.ts';

void run(process.argv.slice(2), processWorld()).then((exit) => {
  process.exitCode = exit;
});
