import type { Context, Services } from '../../src/api/context.ts';
import { createCall, type RpcSettings } from '../../src/jsonrpc/call.ts';
import { createDispatch, type DispatchOptions } from '../../src/jsonrpc/dispatch.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { createOriginPolicy } from '../../src/server/http/originPolicy.ts';
import { createHttp } from '../../src/server/http/http.ts';
import { plain } from '../../src/server/http/page.ts';
import { Responses } from '../../src/server/http/responses.ts';
import { openPort } from '../../src/server/port/port.ts';
import { StompEndpoint } from '../../src/server/stomp/endpoint.ts';
import { WebSocketEndpoint, type WebSocketOptions } from '../../src/server/websocket/websocket.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { verb } from '../../src/api/verb.ts';
import { openObject } from '../../schema/types.ts';
import { asAdmin, openAdmission } from './access.ts';
import { silent } from './call.ts';
import { VirtualClock } from './virtualClock.ts';

const contract = {
  description: 'For tests.',
  params: openObject({}),
  result: {},
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;

export type Handle = (params: object, context: Context) => unknown;

/** Returns verbs with any params and result. */
export const table = (methods: Readonly<Record<string, Handle>>): RpcSettings['verbs'] =>
  new Map(
    Object.entries(methods).map(([name, handle]) => [
      name,
      verb(contract, async (params, context) => handle(params, context)),
    ]),
  );

export type RpcOptions = Partial<RpcSettings & DispatchOptions>;

/** Creates JSON-RPC with these verbs: `call` on objects, `dispatch` on texts. */
export function createRpc(verbs: RpcSettings['verbs'], options: RpcOptions = {}) {
  const call = createCall({
    verbs,
    services: {} as Services,
    signal: new AbortController().signal,
    log: silent,
    clock: new VirtualClock(),
    ...options,
  });
  return { call, dispatch: createDispatch(call, options) };
}

/** Returns a promise and the function that fulfils it. */
export function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

const stompLimits = ({ maxFrame }: Partial<WebSocketOptions>) =>
  maxFrame === undefined ? {} : { maxMessage: maxFrame };

/** Opens HTTP and WebSocket with these verbs on a free loopback port. */
export async function startServer(
  methods: Readonly<Record<string, Handle>>,
  options: Partial<WebSocketOptions> & RpcOptions = {},
) {
  const clock = new VirtualClock();
  const events = new EventBus();
  const { dispatch } = createRpc(table(methods), { clock, ...options });
  const common = { dispatch, events, log: silent, clock, ...options };
  const stomp = new StompEndpoint({ ...common, ...stompLimits(options) });
  const websocket = new WebSocketEndpoint({
    ...common,
    stomp: (stream, client) => {
      stomp.acceptMessages(stream, client);
    },
  });
  const http = createHttp({
    originPolicy: createOriginPolicy({}),
    log: silent,
    clock,
    responses: new Responses(clock),
    pages: { '/healthz': () => plain(200, 'ok') },
    grantOf: () => asAdmin,
    upgrade: websocket.upgrade,
  });
  const port = await openPort({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    http: (socket) => http.emit('connection', socket),
    admission: openAdmission,
    log: silent,
    clock,
  });
  const number = port.endpoints[0]?.port ?? 0;
  return {
    clock,
    events,
    websocket,
    port: number,
    url: `ws://127.0.0.1:${String(number)}/`,
    async stop() {
      port.close();
      const closed = Promise.all([websocket, stomp].map((each) => each.close(Milliseconds(0))));
      await clock.advance(Milliseconds(2000));
      await closed;
      http.close();
    },
  };
}
