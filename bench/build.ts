import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..');

/** Where the programs that load and limit are built to, as they are laid out here. */
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

/** Builds dist/, the program as it is shipped, the first time that it is asked to. */
export const build = onlyOnce(() => run('npm', 'run', 'build'));

/** Builds the programs that it is measured with and beside, since what runs unbuilt is slower; once too. */
export const buildPrograms = onlyOnce(() => run('npx', 'tsc', '-p', 'bench/tsconfig.json'));

/** Starts what {@link buildPrograms} made of a file of this folder, named without its extension. */
export const start = (name: string): ChildProcess =>
  fork(join(root, PROGRAMS, `${name}.js`), { execArgv: [] });

/** What a program that was started tells next; throws if it ends instead. */
export async function told<T>(program: ChildProcess): Promise<T> {
  const done = new AbortController();
  const ended = once(program, 'exit', done).then(() => {
    throw new Error('a program of the benchmark ended; what it wrote says why');
  });
  try {
    const [answer] = (await Promise.race([once(program, 'message', done), ended])) as [T];
    return answer;
  } finally {
    done.abort();
  }
}
