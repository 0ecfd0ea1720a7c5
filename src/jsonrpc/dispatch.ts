import { isJSONRPCID, type JSONRPCID, type JSONRPCRequest } from 'json-rpc-2.0';
import { VdsmError } from '../common/errors.ts';
import { jsonOf } from '../common/preparedJson.ts';
import { Milliseconds } from '../common/units.ts';
import {
  type Call,
  type Caller,
  defaults,
  type Origin,
  type RpcSettings,
  usableFlowId,
} from './call.ts';
import { type Message, readMessage } from './readMessage.ts';

/** A reply as JSON text. */
export interface Reply {
  /** The JSON text of the request's id, as the client wrote a number; null if the reply belongs to no request. */
  readonly id: string | null;
  readonly text: string;
}

/** The reply to a message, or the replies to a batch. */
export type Replies = Reply | readonly Reply[];

/** Runs the requests in a JSON text; returns their replies, undefined if none is wanted. Never rejects. */
export type Dispatch = (
  message: string | Buffer,
  caller: Caller,
  flowId?: string,
) => Promise<Replies | undefined>;

export interface DispatchOptions extends Partial<Pick<RpcSettings, 'maxOutstanding' | 'measure'>> {
  readonly maxBatch?: number;
}

/** Serves JSON-RPC 2.0 texts, batches and notifications included, by `call`. */
export function createDispatch(call: Call, options: DispatchOptions): Dispatch {
  const { maxBatch = 100, maxOutstanding = defaults.maxOutstanding, measure } = options;

  const refuse: Refuse = (id, error) => {
    measure?.('unknown', error.code, Milliseconds(0));
    return failure(id, error);
  };

  const one = createOne(call, refuse);
  const many = async (batch: readonly Received[], origin: Origin): Promise<Replies | undefined> => {
    if (batch.length > maxBatch) {
      const reason = `a batch may hold ${String(maxBatch)} requests, not ${String(batch.length)}`;
      return refuse(null, new VdsmError('InvalidRequest', reason));
    }
    // a batch may be longer than what a connection may have running, but it does not run wider
    const width = Math.max(1, maxOutstanding - origin.caller.outstanding);
    const results = await inParallel(width, batch, (each) => one(each, origin));
    const replies = results.filter((reply) => reply !== undefined);
    return replies.length > 0 ? replies : undefined;
  };

  return (message, caller, flowId) => {
    let read: Message;
    try {
      read = readMessage(message.toString());
    } catch (error) {
      const refusal = error instanceof VdsmError ? error : new VdsmError('ParseError');
      return Promise.resolve(refuse(null, refusal));
    }
    const { payload, ids } = read;
    const origin = { caller, flowId };
    if (!Array.isArray(payload) || payload.length === 0) {
      return one({ payload, idText: ids[0] }, origin);
    }
    const batch = payload.map((each: unknown, i) => ({ payload: each, idText: ids[i] }));
    const [first, ...others] = batch;
    const isAlone = others.length === 0 && caller.asVdsm === true;
    return first && isAlone ? one(first, origin) : many(batch, origin);
  };
}

/** A request, or what was sent in its place. */
interface Received {
  readonly payload: unknown;
  /** The text of a numeric id. */
  readonly idText: string | undefined;
}

type Refuse = (id: Reply['id'] | undefined, error: VdsmError) => Reply | undefined;

/** Returns the function that runs one request, alone or of a batch. */
const createOne =
  (call: Call, refuse: Refuse) =>
  async ({ payload, idText }: Received, origin: Origin): Promise<Reply | undefined> => {
    if (!isRequest(payload)) {
      return refuse(
        idText ?? idOf(payload) ?? null,
        new VdsmError('InvalidRequest', WHAT_A_REQUEST_IS),
      );
    }
    const { caller } = origin;
    const id = payload.id === null && caller.asVdsm ? undefined : (idText ?? idOf(payload));
    const flowId = usableFlowId(payload.flow_id) ?? origin.flowId;
    const encode = (result: unknown): Reply | undefined => success(id, result);
    const outcome = await call(payload.method, payload.params, { caller, flowId }, encode);
    if (outcome.ok) return outcome.result;
    const { error } = outcome;
    const data =
      outcome.flowId === undefined ? undefined : { flowId: outcome.flowId, ...error.data };
    return failure(id, error, data);
  };

/** Returns the replies as one JSON text. */
export const textOf = (replies: Replies): string =>
  isBatch(replies) ? `[${replies.map(({ text }) => text).join(',')}]` : replies.text;

export const isBatch = (replies: Replies): replies is readonly Reply[] => Array.isArray(replies);

/** The reply with a result; undefined to a notification. */
function success(id: Reply['id'] | undefined, result: unknown): Reply | undefined {
  if (id === undefined) return undefined;
  return {
    id,
    text: `{"jsonrpc":"2.0","id":${id ?? 'null'},"result":${jsonOf(result)}}`,
  };
}

/** The reply with an error; undefined to a notification. */
function failure(
  id: Reply['id'] | undefined,
  { code, message }: VdsmError,
  data?: object,
): Reply | undefined {
  if (id === undefined) return undefined;
  const error = JSON.stringify({ code, message, data });
  return { id, text: `{"jsonrpc":"2.0","id":${id ?? 'null'},"error":${error}}` };
}

/** Runs `task` on all items, at most `width` at once; the results keep the order of the items. */
async function inParallel<T, R>(
  width: number,
  items: readonly T[],
  task: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
}

const WHAT_A_REQUEST_IS =
  'a request is {"jsonrpc": "2.0", "method": text, "params": object or list, "id": text or number}';

const isObject = (payload: unknown): payload is Readonly<Record<string, unknown>> =>
  typeof payload === 'object' && payload !== null;

const isRequest = (
  payload: unknown,
): payload is Omit<JSONRPCRequest, 'id'> & {
  readonly id?: JSONRPCID;
  readonly flow_id?: unknown;
} =>
  isObject(payload) &&
  payload['jsonrpc'] === '2.0' &&
  typeof payload['method'] === 'string' &&
  !('result' in payload || 'error' in payload) &&
  (payload['id'] === undefined || isJSONRPCID(payload['id'])) &&
  (payload['params'] === undefined || isObject(payload['params']));

/** Returns the text of an id that is no number; undefined if there is none, null if it is null or invalid. */
function idOf(payload: unknown): string | null | undefined {
  if (!isObject(payload)) return null;
  const { id } = payload;
  return (
    typeof id === 'string' ? JSON.stringify(id)
    : id === undefined ? undefined
    : null
  );
}
