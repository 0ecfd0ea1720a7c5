#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// V8 would let the heap grow to four times of what is in use before it looks for garbage, and each time drop compiled code
// that was not used of late
setFlagsFromString('--heap-growing-percent=100');
setFlagsFromString('--no-flush-bytecode');
// without a listener Node opens its debugger; what is loaded afterwards takes long enough for a signal
process.on('SIGUSR1', () => undefined);
void import('./program.ts').then(({ program }) => program());
