#!/usr/bin/env node
// without a listener Node opens its debugger; what is loaded afterwards takes long enough for a signal
process.on('SIGUSR1', () => undefined);
void import('./program.ts').then(({ program }) => program());
