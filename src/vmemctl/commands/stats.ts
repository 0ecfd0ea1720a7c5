import { InvalidArgumentError } from 'commander';
import type { Client } from '../../client/index.ts';
import type { Register } from '../command.ts';
import type { Exit } from '../exit.ts';
import { poll } from '../follow/poll.ts';
import { chooseVm, type Chosen, lookOfData, show } from '../people.ts';
import type { Session } from '../session.ts';
import type { Usage } from '../views/answers.ts';
import { type Sample, usageLines, watchHead, watchRow } from '../views/usageLines.ts';

interface Flags {
  readonly watch?: boolean;
  readonly interval: number;
  readonly count?: number;
}

/** `vmemctl stats VM`: how its memory is used, once or again and again. */
export const registerStats: Register = (program, run) => {
  program
    .command('stats')
    .helpGroup('See memory:')
    .summary('show how the memory of a VM is used, with --watch as it changes')
    .argument('<vm>', 'name, UUID or the beginning of either')
    .option('-w, --watch', 'print a line every few seconds until Ctrl-C')
    .option('-i, --interval <seconds>', 'seconds between lines', readNumber, 5)
    .option('-c, --count <lines>', 'end after so many lines', readNumber)
    .action(
      run(async (session, word: string, flags: Flags) => {
        const chosen = await chooseVm(session, word);
        if (flags.watch || flags.count !== undefined) return watch(session, chosen, flags);
        const usage = await read(chosen.client, chosen.vm.id);
        show(session, usage, (look) => usageLines(usage, chosen.name, look));
        return undefined;
      }),
    );
};

const MOST = 1_000_000;

function readNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST) return number;
  throw new InvalidArgumentError(`Write a whole number from 1 to ${String(MOST)}.`);
}

const read = (client: Client, vmID: string): Promise<Usage> =>
  client.call('VM.getMemoryUsage', { vmID });

/** A head is repeated as the last one has probably left the screen. */
const LINES_PER_HEAD = 20;

/** Prints a line at each interval, as vmstat does: a terminal and a file get the same. */
async function watch(
  session: Session,
  { client, vm }: Chosen,
  flags: Flags,
): Promise<Exit | undefined> {
  const { json } = session.options;
  const look = lookOfData(session);
  let before: Sample | undefined;
  let lines = 0;
  await poll({
    read: () => read(client, vm.id),
    isDone: () => lines === flags.count,
    onValue: (usage) => {
      const sample = { usage, at: Date.now() };
      if (json) {
        session.print(JSON.stringify({ time: new Date(sample.at).toISOString(), ...usage }));
      } else {
        if (lines % LINES_PER_HEAD === 0) session.print(watchHead(look));
        session.print(watchRow(sample, before, look));
      }
      before = sample;
      lines += 1;
    },
    signal: session.world.interruption(),
    intervalMs: flags.interval * 1000,
  });
  return undefined;
}
