import type { Command } from 'commander';
import type { Register } from '../command.ts';
import { Exit, UsageError } from '../exit.ts';
import { didYouMean } from '../names/similar.ts';
import { lookOfData } from '../people.ts';
import { methodHelp } from '../vdsm/methodHelp.ts';
import { findMethod, NAMESPACES } from '../vdsm/methods.ts';
import { namespaceHelp } from '../vdsm/namespaceHelp.ts';

/** `vmemctl help`, of a command or of a method. */
export const registerHelp: Register = (program, run) => {
  program
    .helpCommand(false)
    .command('help')
    .summary('print help for a command or a method')
    .argument('[command]', 'a command, or a namespace of methods')
    .argument('[method]', 'a method of that namespace')
    .action(
      run(async (session, name: string | undefined, verb: string | undefined) => {
        const { columns } = lookOfData(session);
        const namespace = NAMESPACES.find((each) => each === name);
        if (namespace === undefined) commandOf(program, name).outputHelp();
        else if (verb === undefined) session.print(await namespaceHelp(namespace, columns));
        else session.print(methodHelp(await findMethod(namespace, verb), columns));
        return Exit.done;
      }),
    );
};

function commandOf(program: Command, name: string | undefined): Command {
  if (name === undefined) return program;
  const isMeant = (each: Command): boolean => [each.name(), ...each.aliases()].includes(name);
  const found = program.commands.find(isMeant);
  if (found) return found;
  const names = program.commands.map((each) => each.name());
  throw new UsageError(
    `There is no command "${name}".${didYouMean(name, names) || ' See vmemctl --help.'}`,
  );
}
