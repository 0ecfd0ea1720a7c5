import { CallFailedError } from '../../client/index.ts';
import { errors } from '../../common/errors.ts';
import type { Register } from '../command.ts';
import { CommandError, Exit } from '../exit.ts';
import { readAll, readJsonParams } from '../jsonParams.ts';
import { didYouMean } from '../names/similar.ts';
import { methodsOf } from '../vdsm/methods.ts';
import { vdsmJson } from '../vdsmJson.ts';

/** `vmemctl call METHOD JSON`, for scripts. */
export const registerCall: Register = (program, run) => {
  program
    .command('call')
    .helpGroup('For scripts, as vdsm-client:')
    .summary('call any method with params in JSON, and print its result')
    .argument('<method>', 'Namespace.verb, such as VM.getStats')
    .argument('[params]', 'a JSON object or array; - reads it from standard input')
    .action(
      run(async (session, method: string, text: string | undefined) => {
        const given = text === '-' ? await readAll(session.world.stdin) : text;
        const params = readJsonParams(given);
        const result = await session.client
          .request(method, params)
          .catch(async (error: unknown) => {
            throw await explained(error, method);
          });
        session.print(vdsmJson(result));
        return Exit.done;
      }),
    );
};

/** Says of a method that the daemon does not have which one is meant. */
async function explained(error: unknown, method: string): Promise<unknown> {
  if (!(error instanceof CallFailedError) || error.code !== errors.MethodNotFound[0]) return error;
  const names = (await methodsOf()).map(({ name }) => name);
  const hint = didYouMean(method, names) || ' vmemctl Host --help and VM --help list methods.';
  return new CommandError(`The daemon has no method "${method}".${hint}`);
}
