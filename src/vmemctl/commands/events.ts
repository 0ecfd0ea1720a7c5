import { InvalidArgumentError, Option } from 'commander';
import type { Notice } from '../../client/index.ts';
import type { Register } from '../command.ts';
import { eachHost, exitOf } from '../eachHost.ts';
import type { Exit } from '../exit.ts';
import { jsonLine, type Reported, textLine } from '../events/eventLines.ts';
import { VmNames } from '../events/vmNames.ts';
import type { Host, Session } from '../session.ts';
import { vmIdOf } from '../vdsm/vmId.ts';

interface EventOptions {
  readonly kind?: 'memory' | 'status';
  readonly count?: number;
}

/** `vmemctl events`: what happens to VMs, a line each, until it is interrupted. */
export const registerEvents: Register = (program, run) => {
  program
    .command('events')
    .helpGroup('See memory:')
    .summary('print what happens to VMs, a line each, until interrupted')
    .description(
      'Prints what happens to all VMs or to those given, a line each, until it is interrupted. Connects again when the connection is lost, and says so, as events may then be lost. With --json each line is an object.',
    )
    .argument('[vm...]', 'name, UUID or the beginning of either')
    .addOption(new Option('--kind <kind>', 'only these').choices(['memory', 'status']))
    .option('-n, --count <number>', 'end after so many events', readCount)
    .action(
      run(async (session, words: readonly string[], options: EventOptions) =>
        follow(session, words, options),
      ),
    );
};

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number above 0.');
}

async function follow(
  session: Session,
  words: readonly string[],
  { kind, count = Infinity }: EventOptions,
): Promise<Exit> {
  const { hosts, options, world } = session;
  const interruption = world.interruption();
  let left = count;
  const { promise: ended, resolve: end } = deferred();
  interruption.addEventListener('abort', end, { once: true });
  const print = (reported: Reported): void => {
    if (left === 0) return;
    session.print(options.json ? jsonLine(reported) : textLine(reported, hosts.length === 1));
    if (reported.notice.type === 'event') left -= 1;
    if (left === 0) end();
  };
  const patterns = patternsOf(kind, words);
  const subscribed = await eachHost(session, async (host) =>
    host.client.subscribe(await patterns(host), inOrder(host, print)),
  );
  if (!interruption.aborted) await ended;
  return exitOf(subscribed);
}

/** Returns the patterns of one host's events; a VM may be named. */
const patternsOf =
  (kind: EventOptions['kind'], words: readonly string[]) =>
  async ({ client }: Host): Promise<readonly string[]> => {
    const part = kind === undefined ? '*' : `VM_${kind}`;
    if (words.length === 0) return [`|virt|${part}|*`];
    return Promise.all(words.map(async (word) => `|virt|${part}|${await vmIdOf(client, word)}`));
  };

/** Returns a listener that prints in order, although a name may have to be asked for. */
function inOrder(
  { name: host, client }: Host,
  print: (reported: Reported) => void,
): (notice: Notice) => void {
  const names = new VmNames(client);
  let before = Promise.resolve();
  return (notice) => {
    const time = new Date().toISOString();
    before = before.then(async () => {
      const vmName = notice.type === 'event' ? await names.of(notice.vmId) : undefined;
      print({ time, host, notice, vmName });
    });
  };
}

function deferred() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
