import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes text as fast as its reader reads; returns false when that has what it wants, such as head. */
export async function send(output: Writable, text: string): Promise<boolean> {
  if (output.errored) return endsQuietly(output.errored);
  try {
    if (!output.write(text)) await once(output, 'drain');
    return true;
  } catch (error) {
    return endsQuietly(error);
  }
}

function endsQuietly(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false;
  throw error;
}
