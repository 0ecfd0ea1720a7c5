import { messageOf } from '../common/messageOf.ts';
import { UsageError } from './exit.ts';

/** Reads params of a call in JSON; throws {@link UsageError}. */
export function readJsonParams(text = '{}'): object {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`The params are no JSON (${messageOf(cause)}).`, { cause });
  }
  if (typeof params === 'object' && params !== null) return params;
  throw new UsageError('The params must be a JSON object or array, as {"vmID": "…"}.');
}

/** Returns all that a stream holds, such as standard input. */
export async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
