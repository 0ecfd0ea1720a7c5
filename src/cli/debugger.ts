import inspector from 'node:inspector';

/** Closes a debugger that a signal opened before the signal had a listener; one that was asked for by --inspect stays. */
export function closeDebugger(): void {
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (!options.includes('--inspect') && inspector.url() !== undefined) inspector.close();
}
