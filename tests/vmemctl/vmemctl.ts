import { PassThrough, Readable } from 'node:stream';
import { run } from '../../src/vmemctl/program/run.ts';
import type { World } from '../../src/vmemctl/world.ts';

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: World['env'];
  readonly columns?: number;
  readonly isTTY?: boolean;
  readonly interruption?: AbortSignal;
  readonly root?: string;
}

/** Runs vmemctl in this process, without a terminal unless it `isTTY`. */
export async function vmemctl(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { stdin = '', env = {}, interruption = new AbortController().signal, ...more } = options;
  const { columns = 80, isTTY = false, root = '/nonexistent' } = more;
  const [stdout, stderr] = [capture(), capture()];
  const world: World = {
    env,
    stdin: Object.assign(Readable.from([stdin]), { isTTY }),
    stdout: Object.assign(stdout.stream, { isTTY, columns }),
    stderr: Object.assign(stderr.stream, { isTTY, columns }),
    interruption: () => interruption,
    atExit: () => () => undefined,
    root,
  };
  const exit = await run(argv, world);
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

function capture() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { stream, text: () => text };
}
