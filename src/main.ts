#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// V8 would let the heap grow to four times of what is in use before it looks for garbage
setFlagsFromString('--heap-growing-percent=100');
// without a listener Node opens its debugger; what is loaded afterwards takes long enough for a signal
process.on('SIGUSR1', () => undefined);
void import('./program.ts').then(({ program }) => program());
