import { VdsmError } from '../../../src/common/errors.ts';
import { type Message, readMessage } from '../../../src/jsonrpc/readMessage.ts';
import { someMessage } from '../jsonRpc.ts';
import { inProcess, type Verdict } from '../target.ts';

/** The reader of JSON, compared with JSON.parse: the same values but for long numbers, and the ids of requests as they are written. */
export const jsonCodec = inProcess<string>('json-codec', 150, someMessage, (text): Verdict => {
  const [expected, found] = [attempt(() => JSON.parse(text)), attempt(() => readMessage(text))];
  if (found instanceof VdsmError) return undefined;
  if (expected instanceof Error || found instanceof Error) {
    if (expected instanceof Error && found instanceof SyntaxError) return undefined;
    return `JSON.parse gave ${String(expected)}, the reader ${String(found)}`;
  }
  const { payload, ids } = found as Message;
  if (loosely(payload) !== loosely(expected)) return 'the values differ from those of JSON.parse';
  return wrongIds(ids, Array.isArray(expected) ? expected : [expected]);
});

function wrongIds(ids: Message['ids'], requests: readonly unknown[]): Verdict {
  const isOther = (id: string, at: number): boolean => JSON.parse(id) !== idOf(requests[at]);
  const wrong = ids.findIndex((id, at) => id !== undefined && isOther(id, at));
  if (wrong >= 0) return `request ${String(wrong)} has no id ${String(ids[wrong])}`;
  const isNamed = (request: unknown): boolean =>
    ['number', 'string'].includes(typeof idOf(request));
  const lacking = requests.findIndex((each, at) => isNamed(each) && ids[at] === undefined);
  return lacking < 0 ? undefined : `the id of request ${String(lacking)} was not seen`;
}

function idOf(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return undefined;
  return Object.hasOwn(request, 'id') ? (request as { readonly id: unknown }).id : undefined;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

/** Numbers that are kept as text of their digits are equal to their rounded values. */
const loosely = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'string' && /^-?\d[-+.\deE]*$/.test(each) ? Number(each) : each,
  );
