import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf } from '../../common/messageOf.ts';
import type { Register } from '../command.ts';
import { Exit, UsageError } from '../exit.ts';
import { lookOfData } from '../people.ts';
import type { Session } from '../session.ts';
import { methodHelp } from '../vdsm/methodHelp.ts';
import { findMethod, type MethodContract, NAMESPACES } from '../vdsm/methods.ts';
import { namespaceHelp } from '../vdsm/namespaceHelp.ts';
import { checkRequired, readParams } from '../vdsm/readParams.ts';
import { vmIdOf } from '../vdsm/vmId.ts';
import { vdsmJson } from '../vdsmJson.ts';
import { readAll, readJsonParams } from '../jsonParams.ts';

interface MethodOptions {
  readonly file?: string;
  readonly help?: boolean;
}

type Given = [
  verb: string | undefined,
  words: readonly string[],
  options: MethodOptions,
  command: Command,
];

/** vdsm-client's grammar: `vmemctl VM setBalloonTarget vmID=… target=…`. */
export const registerNamespaces: Register = (program, run) => {
  for (const namespace of NAMESPACES) {
    program
      .command(namespace)
      .helpGroup('For scripts, as vdsm-client:')
      .summary(`call a method of ${namespace}.*`)
      .argument('[method]')
      .argument('[name=value...]', 'params; lists and objects in JSON')
      .helpOption(false)
      .option('-f, --file <file>', 'read params from a JSON file; - is standard input')
      .option('-h, --help', 'print the methods, or what a method does, its params and a skeleton')
      .action(
        run(async (session, ...given: Given) => {
          const [verb, words, options] = given;
          if (verb === undefined) {
            session.print(await namespaceHelp(namespace, lookOfData(session).columns));
            return options.help ? Exit.done : Exit.usage;
          }
          const method = await findMethod(namespace, verb);
          if (options.help) session.print(methodHelp(method, lookOfData(session).columns));
          else session.print(vdsmJson(await callOf(session, method, { words, options })));
          return Exit.done;
        }),
      );
  }
};

async function callOf(
  session: Session,
  method: MethodContract,
  { words, options }: { readonly words: readonly string[]; readonly options: MethodOptions },
): Promise<unknown> {
  const { client } = session;
  const params: Readonly<Record<string, unknown>> = {
    ...(await fromFile(session, options.file)),
    ...readParams(words, method),
  };
  checkRequired(params, method);
  const { vmID } = params;
  const vm = typeof vmID === 'string' ? { vmID: await vmIdOf(client, vmID) } : {};
  return client.request(method.name, { ...params, ...vm });
}

async function fromFile(session: Session, file: string | undefined): Promise<object> {
  if (file === undefined) return {};
  try {
    return readJsonParams(
      file === '-' ? await readAll(session.world.stdin) : readFileSync(file, 'utf8'),
    );
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`-f: ${file} cannot be read (${messageOf(cause)}).`, { cause });
  }
}
