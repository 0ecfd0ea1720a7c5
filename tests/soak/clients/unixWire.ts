import {
  CallFailedError,
  Client,
  type Traffic,
  UnreachableError,
} from '../../../src/client/index.ts';
import type { Reply, Request } from './books.ts';
import type { OpenWire } from './wire.ts';

/** vmemctl's client over the unix socket. */
export const openUnix: OpenWire = async ({ place, books }) => {
  const waiting = new Set<number>();
  const trace = ({ direction, text }: Traffic): void => {
    const { id } = JSON.parse(text) as { readonly id?: number };
    if (id === undefined) books.count('events');
    else if (direction === 'sent') waiting.add(id);
    else if (!waiting.delete(id)) books.wrong(`a second reply to ${String(id)}`);
  };
  const client = new Client({ targets: [{ kind: 'unix', path: place.unixSocket }], trace });
  await client.connect();
  let isOpen = true;
  let isOwn = false;
  const ask = async (request: Request): Promise<Reply> => {
    books.sent(request);
    const { method, params, flowId } = request;
    const reply = await client.request(method, params, { flowId }).then(
      (result): Reply => ({ kind: 'result', result }),
      (error: unknown) => failed(error, isOwn),
    );
    if (reply.kind === 'lost') isOpen = false;
    books.settled(request, reply);
    return reply;
  };
  const close = (): Promise<void> => {
    isOpen = false;
    return client.close();
  };
  const cut = (): void => {
    isOwn = true;
    void close();
  };
  return {
    get isOpen() {
      return isOpen;
    },
    sends: () => true,
    send: (requests) => Promise.all(requests.map(ask)),
    // the client always reads, and sends whole messages only
    pause: () => undefined,
    resume: () => undefined,
    cutWithin: cut,
    cut,
    close,
  };
};

function failed(error: unknown, isOwn: boolean): Reply {
  if (error instanceof CallFailedError) {
    return { kind: 'error', code: error.code, message: error.message };
  }
  // nothing was sent
  if (error instanceof UnreachableError) return { kind: 'lost', isOwn: true };
  return { kind: 'lost', isOwn };
}
