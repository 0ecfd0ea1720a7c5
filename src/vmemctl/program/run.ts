import { Command } from 'commander';
import type { Run } from '../command.ts';
import { Exit } from '../exit.ts';
import { failureOf } from '../failure.ts';
import type { GlobalOptions } from '../globals.ts';
import { printable } from '../output/width.ts';
import { createProgram } from './program.ts';
import { openSession } from '../connect/openSession.ts';
import type { World } from '../world.ts';

/** Runs a command line (without node and script); returns the exit status. */
export async function run(argv: readonly string[], world: World): Promise<Exit> {
  let exit: Exit = Exit.done;
  const runWork: Run =
    (work) =>
    async (...args) => {
      const session = await openSession(world, optionsOf(args));
      try {
        exit = (await work(session, ...args)) ?? Exit.done;
      } finally {
        await session.close();
      }
    };
  try {
    await createProgram({ ...world, run: runWork }).parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    const { exit: failed, sentence, bug } = failureOf(error);
    // a daemon's words may quote names and messages of guests
    if (sentence !== undefined) {
      world.stderr.write(`vmemctl: ${printable(sentence.replaceAll('\n', '; '))}\n`);
    }
    if (bug && argv.some((word) => VERBOSE.has(word))) world.stderr.write(`${bug}\n`);
    return failed;
  }
}

const VERBOSE: ReadonlySet<string> = new Set(['-v', '--verbose']);

/** Commander gives every action its command at the end. */
function optionsOf(args: readonly unknown[]): GlobalOptions {
  const command = args.at(-1);
  if (!(command instanceof Command)) throw new TypeError('the action has no command');
  return command.optsWithGlobals();
}
