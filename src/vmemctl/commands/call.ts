import type { Register } from '../command.ts';
import { UsageError } from '../exit.ts';
import { vdsmJson } from '../vdsmJson.ts';

/** `vmemctl call METHOD JSON`, for scripts. */
export const registerCall: Register = (program, run) => {
  program
    .command('call')
    .summary('call any method with params in JSON, and print its result')
    .argument('<method>', 'Namespace.verb, such as VM.getStats')
    .argument('[params]', 'a JSON object or array; - reads it from standard input')
    .action(
      run(async (session, method: string, text: string | undefined) => {
        const params = readParams(text === '-' ? await readAll(session.world.stdin) : text);
        session.print(vdsmJson(await session.client.request(method, params)));
        return undefined;
      }),
    );
};

function readParams(text = '{}'): object {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`The params are no JSON (${(cause as Error).message}).`, { cause });
  }
  if (typeof params === 'object' && params !== null) return params;
  throw new UsageError('The params must be a JSON object or array, as {"vmID": "…"}.');
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
