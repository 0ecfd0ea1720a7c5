import type { World } from '../world.ts';

/** Whether a person is at the terminal to answer. */
export const canAsk = ({ stdin, stderr }: World): boolean =>
  stdin.isTTY === true && stderr.isTTY === true;

/** Asks a question; returns whether the answer is yes. An end of input and Ctrl-C are a no. */
export async function ask({ stdin, stderr }: World, question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: stdin, output: stderr });
  const closed = new AbortController();
  lines.once('close', () => {
    closed.abort();
  });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: closed.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    stderr.write('\n');
    return false;
  } finally {
    lines.close();
  }
}
