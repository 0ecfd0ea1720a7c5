import { Argument, type Command } from 'commander';
import type { Register } from '../command.ts';
import { candidatesAt, type Sources } from '../completion/candidates.ts';
import { placeOf } from '../completion/place.ts';
import { scripts, type Shell } from '../completion/scripts.ts';
import { Exit } from '../exit.ts';
import type { GlobalOptions } from '../globals.ts';
import { openSession } from '../connect/openSession.ts';
import type { Session } from '../session.ts';
import { methodsOf } from '../vdsm/methods.ts';

/** `vmemctl completion SHELL`, and what its scripts call at each press of the key. */
export const registerCompletion: Register = (program, run) => {
  program
    .command('completion')
    .summary('print a script that completes commands, options, VMs and methods')
    .description(
      'Prints a script for a shell that completes commands, options, names of VMs, methods and their params. For this shell: source <(vmemctl completion bash); for each new one, write that into ~/.bashrc or ~/.zshrc; for fish: vmemctl completion fish > ~/.config/fish/completions/vmemctl.fish.',
    )
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .action(
      run((session, shell: Shell) => {
        session.print(scripts[shell].trimEnd());
        return Promise.resolve(Exit.done);
      }),
    );
  program
    .command('complete', { hidden: true })
    .requiredOption('--line <line>')
    .action(
      run(async (session, { line }: { readonly line: string }, command: Command) => {
        const [begun = '', ...before] = line.trimStart().split(/\s+/).reverse();
        const place = placeOf(command.parent ?? command, before.reverse().slice(1));
        const found = await candidatesAt(place, begun, sourcesOf(session, place.values));
        for (const { word, help = '' } of found) session.print(`${word}\t${help}`);
        return Exit.done;
      }),
    );
};

/** Longer than a person waits for a completion. */
const PATIENCE_S = 2;

/** The daemon is asked that the options name; no answer is as good as none. */
const sourcesOf = ({ world }: Session, values: Readonly<Record<string, unknown>>): Sources => ({
  methods: methodsOf,
  async vmNames() {
    const options = { host: [], color: true, ...values, timeout: PATIENCE_S } as GlobalOptions;
    const session = await openSession(world, options);
    try {
      const overviews = await Promise.all(
        session.hosts.map(({ client }) => client.call('Host.getOverview')),
      );
      return overviews.flatMap(({ vms }) => vms.map(({ name }) => name));
    } catch {
      return [];
    } finally {
      await session.close();
    }
  },
});
