import { InvalidArgumentError, Option } from 'commander';
import type { Register } from '../command.ts';
import { UsageError } from '../exit.ts';
import { runTop } from '../top/runTop.ts';
import { type Sort, SORTS } from '../top/state.ts';

/** `vmemctl top`: all VMs on the whole terminal. */
export const registerTop: Register = (program, run) => {
  program
    .command('top')
    .helpGroup('See memory:')
    .summary('watch the VMs of one host or of several on the whole terminal')
    .addOption(new Option('-s, --sort <by>', 'what comes first').choices(SORTS).default('need'))
    .option('-i, --interval <seconds>', 'seconds between looks', readInterval, 2)
    .action(
      run(async (session, { sort, interval }: { sort: Sort; interval: number }) => {
        const { stdin, stdout } = session.world;
        if (stdin.isTTY !== true || stdout.isTTY !== true || session.options.json) {
          throw new UsageError(
            'top fills a terminal, and there is none; write vmemctl list --json, or vmemctl stats VM --watch.',
          );
        }
        await runTop(session, { sort, intervalMs: interval * 1000 });
        return undefined;
      }),
    );
};

const LONGEST = 3600;

function readInterval(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.2 && seconds <= LONGEST) return seconds;
  throw new InvalidArgumentError(`Write seconds from 0.2 to ${String(LONGEST)}.`);
}
