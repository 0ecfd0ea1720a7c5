import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Params } from '../../client/index.ts';
import type { Register } from '../command.ts';
import { UsageError } from '../exit.ts';
import { chooseVm, show } from '../people.ts';
import type { Session } from '../session.ts';
import { explanationLines, policyLines, settingsLines } from '../views/policyLines.ts';

type Change = Params<'Host.setPolicy'>;
type Mode = NonNullable<Change['mode']>;

interface Flags {
  readonly algorithm?: NonNullable<Change['algorithm']>;
  readonly set?: Readonly<Record<string, unknown>>;
  /** A VM, or true for all. */
  readonly explain?: string | true;
}

/** `vmemctl policy [MODE]`: how memory is shared out, why, and whether it is. */
export const registerPolicy: Register = (program, run) => {
  program
    .command('policy')
    .helpGroup('The host:')
    .summary('show, explain or change how memory is shared out among the VMs')
    .addArgument(
      new Argument('[mode]', 'off, observe (decide and report) or act').choices([
        'off',
        'observe',
        'act',
      ]),
    )
    .addOption(new Option('--algorithm <name>', 'how it decides').choices(['adaptive', 'mom']))
    .option(
      '--set <name=value>',
      'a parameter of the algorithm; the value default resets it; may be repeated',
      addParameter,
    )
    .option('-e, --explain [vm]', 'say of each VM, or of one, what it gets and why')
    .action(
      run(async (session, mode: Mode | undefined, flags: Flags) => {
        const change = changeOf(mode, flags);
        if (change && flags.explain !== undefined) {
          throw new UsageError('--explain changes nothing: leave out the mode and the settings.');
        }
        if (change) await setPolicy(session, change);
        else await explain(session, flags.explain);
        return undefined;
      }),
    );
};

function changeOf(mode: Mode | undefined, { algorithm, set }: Flags): Change | undefined {
  const change = {
    ...(mode !== undefined && { mode }),
    ...(algorithm !== undefined && { algorithm }),
    ...(set !== undefined && { parameters: set }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

async function setPolicy(session: Session, change: Change): Promise<void> {
  const settings = await session.client.call('Host.setPolicy', change);
  show(session, settings, (look) => settingsLines(settings, look));
}

async function explain(session: Session, vm: string | true | undefined): Promise<void> {
  if (typeof vm === 'string') {
    const chosen = await chooseVm(session, vm);
    const answer = await chosen.client.call('Host.explainPolicy', { vmID: chosen.vm.id });
    show(session, answer, (look) => explanationLines(answer, { look, isDetailed: true }));
    return;
  }
  const answer = await session.client.call('Host.explainPolicy');
  show(session, answer, (look) =>
    vm === true ? explanationLines(answer, { look, isDetailed: false }) : policyLines(answer, look),
  );
}

function addParameter(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError(
      'Write NAME=VALUE, as goal=0.2; vmemctl policy lists the names.',
    );
  }
  return { ...before, [name]: valueOf(value) };
}

/** Reads numbers and booleans as such; other text stays text, for the daemon to refuse. */
function valueOf(text: string): unknown {
  if (text === 'default') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
