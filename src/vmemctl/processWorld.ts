import type { World } from './world.ts';

/** Returns this process, which ends without a word when the reader of its output has gone. */
export function processWorld(): World {
  const { env, stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // a reader such as head has what it wants
      process.exit(error.code === 'EPIPE' ? 0 : 1);
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
