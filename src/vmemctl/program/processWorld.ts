import type { World } from '../world.ts';

/** Returns this process, which ends when its output cannot be written. */
export function processWorld(): World {
  const { env, stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      // a reader such as head has what it wants
      if (code === 'EPIPE') process.exit(0);
      if (stream === stdout) stderr.write(`vmemctl: output could not be written: ${message}\n`);
      process.exit(1);
    });
  }
  return { env, stdin, stdout, stderr, interruption, atExit };
}

function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      interrupted.abort(name);
    });
  }
  return interrupted.signal;
}

function atExit(undo: () => void): () => void {
  process.once('exit', undo);
  return () => {
    process.off('exit', undo);
  };
}
