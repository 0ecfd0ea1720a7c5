import { isJSONRPCID, type JSONRPCID, type JSONRPCRequest } from 'json-rpc-2.0';
import { VdsmError } from '../common/errors.ts';
import { type Eventual, whenReady } from '../common/eventual.ts';
import { jsonOf } from '../common/preparedJson.ts';
import { Milliseconds } from '../common/units.ts';
import { type Call, defaults, type Refused, type RpcSettings } from './call.ts';
import { type Message, readMessage } from './readMessage.ts';
import { type Origin, usableFlowId } from './request.ts';
import { Turns } from './turns.ts';

/** A reply as JSON text. */
export interface Reply {
  /** The JSON text of the request's id, as the client wrote a number; null if the reply belongs to no request. */
  readonly id: string | null;
  readonly text: string;
}

/** The reply to a message, or the replies to a batch. */
export type Replies = Reply | readonly Reply[];

/** Runs the requests in a JSON text and passes their replies to `reply`, undefined if none is wanted. Never throws. */
export type Dispatch = (message: Received, reply: (replies: Replies | undefined) => void) => void;

/** A JSON text and its source. */
export interface Received extends Origin {
  readonly text: string | Buffer;
}

export interface DispatchOptions extends Partial<Pick<RpcSettings, 'maxOutstanding' | 'measure'>> {
  readonly maxBatch?: number;
  readonly turns?: Pick<Turns, 'add' | 'take'>;
}

/** Serves JSON-RPC 2.0 texts, batches and notifications included, by `call`, each in its connection's turn. */
export function createDispatch(call: Call, options: DispatchOptions): Dispatch {
  const { maxBatch = 100, maxOutstanding = defaults.maxOutstanding, measure } = options;
  const { turns = new Turns(maxOutstanding) } = options;

  const refuse: Refuse = (id, error) => {
    measure?.('unknown', error.code, Milliseconds(0));
    return failure(id, error);
  };

  const one = createOne(call, refuse);
  const many = async (
    { payload: batch, ids }: Batch,
    origin: Origin,
  ): Promise<Replies | undefined> => {
    if (batch.length > maxBatch) {
      const reason = `a batch may hold ${String(maxBatch)} requests, not ${String(batch.length)}`;
      return refuse(null, new VdsmError('InvalidRequest', reason));
    }
    // a batch may be longer than what a connection may have running, but it does not run wider
    const width = Math.max(1, maxOutstanding - origin.caller.outstanding);
    const results = await inParallel(width, batch, (each, i) =>
      turns.take(origin.caller, () => one(each, ids[i], origin)),
    );
    const replies = results.filter((reply) => reply !== undefined);
    return replies.length > 0 ? replies : undefined;
  };

  const handle = (received: Received): Eventual<Replies | undefined> => {
    let read: Message;
    try {
      read = readMessage(received.text.toString());
    } catch (error) {
      return refuse(null, error instanceof VdsmError ? error : new VdsmError('ParseError'));
    }
    const { payload, ids } = read;
    if (!isList(payload) || payload.length === 0) return one(payload, ids[0], received);
    const isAlone = payload.length === 1 && received.caller.asVdsm === true;
    return isAlone ? one(payload[0], ids[0], received) : many({ payload, ids }, received);
  };

  return (received, reply) => {
    turns.add(received.caller, () => void whenReady(handle(received), reply));
  };
}

interface Batch extends Message {
  readonly payload: readonly unknown[];
}

const isList = (payload: unknown): payload is readonly unknown[] => Array.isArray(payload);

type Refuse = (id: Reply['id'] | undefined, error: VdsmError) => Reply | undefined;

/** Returns the function that runs one request, alone or of a batch. */
const createOne =
  (call: Call, refuse: Refuse) =>
  (payload: unknown, idText: string | undefined, origin: Origin): Eventual<Reply | undefined> => {
    if (!isRequest(payload)) {
      return refuse(idText ?? null, new VdsmError('InvalidRequest', WHAT_A_REQUEST_IS));
    }
    const isNotification =
      payload.id === undefined || (payload.id === null && origin.caller.asVdsm);
    const id = isNotification ? undefined : (idText ?? null);
    const flowId = usableFlowId(payload.flow_id);
    const own = flowId === undefined ? origin : { ...origin, flowId };
    const encode = (result: unknown): Reply | undefined => success(id, result);
    const outcome = call(payload.method, payload.params, own, encode);
    return whenReady(outcome, (ended) => (ended.ok ? ended.result : refused(id, ended)));
  };

/** The reply to a request that failed or was refused. */
function refused(id: Reply['id'] | undefined, { error, flowId }: Refused): Reply | undefined {
  return failure(id, error, flowId === undefined ? undefined : { flowId, ...error.data });
}

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
  task: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item, index);
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
