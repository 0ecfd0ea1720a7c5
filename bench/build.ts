import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..');

/** Folder of the built load and comparison programs, with this folder's layout. */
const PROGRAMS = '.cache/bench';

const run = (command: string, ...args: readonly string[]): Promise<void> =>
  promisify(execFile)(command, args, { cwd: root }).then(
    () => undefined,
    (cause: unknown) => {
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      throw new Error(`the build failed:\n${(stdout + stderr).slice(0, 1000)}`, { cause });
    },
  );

const onlyOnce = (make: () => Promise<void>): (() => Promise<void>) => {
  let made: Promise<void> | undefined;
  return () => (made ??= make());
};

/** Builds dist/, on the first call only. */
export const build = onlyOnce(() => run('npm', 'run', 'build'));

/** Builds the load and comparison programs, on the first call only; unbuilt TypeScript is slower. */
export const buildPrograms = onlyOnce(() => run('npx', 'tsc', '-p', 'bench/tsconfig.json'));

/** Starts a program of {@link buildPrograms}, named by its file in this folder without extension. */
export const start = (name: string): ChildProcess =>
  fork(join(root, PROGRAMS, `${name}.js`), { execArgv: [] });

/** Returns a program's next message; throws if the program ends first. */
export async function nextMessage<T>(program: ChildProcess): Promise<T> {
  const done = new AbortController();
  const ended = once(program, 'exit', done).then(() => {
    throw new Error('a program of the benchmark ended; see its output');
  });
  try {
    const [answer] = (await Promise.race([once(program, 'message', done), ended])) as [T];
    return answer;
  } finally {
    done.abort();
  }
}
