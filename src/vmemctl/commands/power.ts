import { InvalidArgumentError } from 'commander';
import type { Client } from '../../client/index.ts';
import type { Register, Run } from '../command.ts';
import { CommandError, Exit } from '../exit.ts';
import { ask, canAsk } from '../follow/ask.ts';
import { chooseVm, type Chosen, show } from '../people.ts';
import type { Command } from 'commander';

const VM = 'name, UUID or the beginning of either';

/** A command that does one thing to one VM. */
interface Action {
  readonly name: string;
  readonly summary: string;
  readonly call: (client: Client, vmID: string) => Promise<unknown>;
  /** What has happened, or begins. */
  readonly done: string;
}

const ACTIONS: readonly Action[] = [
  {
    name: 'pause',
    summary: 'suspend a VM in memory',
    call: (client, vmID) => client.call('VM.pause', { vmID }),
    done: 'paused',
  },
  {
    name: 'resume',
    summary: 'let a paused VM go on',
    call: (client, vmID) => client.call('VM.cont', { vmID }),
    done: 'goes on',
  },
  {
    name: 'reboot',
    summary: 'ask the guest to restart',
    call: (client, vmID) => client.call('VM.shutdown', { vmID, reboot: true }),
    done: 'asked to restart',
  },
  {
    name: 'reset',
    summary: 'restart a VM as by its reset button: what the guest has not written is lost',
    call: (client, vmID) => client.call('VM.reset', { vmID }),
    done: 'reset',
  },
];

/** `vmemctl pause`, `resume`, `reboot`, `reset`, `shutdown` and `destroy`. */
export const registerPower: Register = (program, run) => {
  for (const action of ACTIONS) registerAction(program, run, action);
  registerShutdown(program, run);
  registerDestroy(program, run);
};

function registerAction(program: Command, run: Run, { name, summary, call, done }: Action): void {
  program
    .command(name)
    .helpGroup('VMs:')
    .summary(summary)
    .argument('<vm>', VM)
    .action(
      run(async (session, word: string) => {
        const { client, vm, name: vmName } = await chooseVm(session, word);
        const answer = await call(client, vm.id);
        show(session, answer, () => [`${vmName}: ${done}`]);
        return undefined;
      }),
    );
}

function registerShutdown(program: Command, run: Run): void {
  program
    .command('shutdown')
    .helpGroup('VMs:')
    .summary('ask the guest to power off')
    .argument('<vm>', VM)
    .option('--force-after <seconds>', 'destroy it if it still runs then', readSeconds)
    .action(
      run(async (session, word: string, { forceAfter }: { forceAfter?: number }) => {
        const { client, vm, name } = await chooseVm(session, word);
        const force = forceAfter === undefined ? {} : { force: true, timeout: forceAfter };
        const answer = await client.call('VM.shutdown', { vmID: vm.id, ...force });
        const later =
          forceAfter === undefined ? '' : `; destroyed if it still runs in ${String(forceAfter)} s`;
        show(session, answer, () => [`${name}: asked to power off${later}`]);
        return undefined;
      }),
    );
}

const LONGEST = 86_400;

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= LONGEST) return seconds;
  throw new InvalidArgumentError(`Write seconds from 0 to ${String(LONGEST)}.`);
}

function registerDestroy(program: Command, run: Run): void {
  program
    .command('destroy')
    .helpGroup('VMs:')
    .summary('end a VM at once: what the guest has not written is lost')
    .argument('<vm>', VM)
    .option('-y, --yes', 'without asking')
    .action(
      run(async (session, word: string, { yes }: { yes?: boolean }) => {
        const chosen = await chooseVm(session, word);
        if (!yes && !(await isMeant(session.world, chosen))) return Exit.failed;
        const answer = await chosen.client.call('VM.destroy', { vmID: chosen.vm.id });
        show(session, answer, () => [`${chosen.name}: destroyed`]);
        return undefined;
      }),
    );
}

/** Asks a person; a script has to say so by --yes. */
async function isMeant(world: Parameters<typeof ask>[0], { name, vm }: Chosen): Promise<boolean> {
  if (!canAsk(world)) {
    throw new CommandError(
      `Nobody is there to confirm that ${name} is to end; write --yes.`,
      Exit.usage,
    );
  }
  return ask(world, `Shall ${name} (${vm.id}) end at once, without shutting down?`);
}
