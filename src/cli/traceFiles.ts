import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

/** A line of a file; `isWhole` unless the file ends before the line does. */
export interface TraceLine {
  readonly file: string;
  readonly number: number;
  readonly text: string;
  readonly isWhole: boolean;
}

/** Returns a trace's lines, oldest first: of `PATH.2`, `PATH.1` and so on, then of `PATH`; `-` is standard input. */
export async function* traceLines(path: string, input: Readable): AsyncGenerator<TraceLine> {
  if (path === '-') yield* linesOf('standard input', input);
  else for (const file of await rotated(path)) yield* linesOf(file, createReadStream(file));
}

async function rotated(path: string): Promise<string[]> {
  const name = basename(path);
  const others = await readdir(dirname(path));
  const numbers = others
    .filter((other) => other.startsWith(`${name}.`))
    .map((other) => other.slice(name.length + 1))
    .filter((suffix) => /^\d+$/.test(suffix));
  const older = numbers.sort((a, b) => Number(b) - Number(a));
  return [...older.map((number) => join(dirname(path), `${name}.${number}`)), path];
}

async function* linesOf(file: string, stream: Readable): AsyncGenerator<TraceLine> {
  let rest = '';
  let number = 0;
  for await (const chunk of stream.setEncoding('utf8')) {
    const [first = '', ...others] = (chunk as string).split('\n');
    rest += first;
    for (const other of others) {
      yield { file, number: ++number, text: rest, isWhole: true };
      rest = other;
    }
  }
  if (rest !== '') yield { file, number: ++number, text: rest, isWhole: false };
}
