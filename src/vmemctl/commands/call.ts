import type { Register } from '../command.ts';
import { Exit } from '../exit.ts';
import { readAll, readJsonParams } from '../jsonParams.ts';
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
        session.print(vdsmJson(await session.client.request(method, readJsonParams(given))));
        return Exit.done;
      }),
    );
};
