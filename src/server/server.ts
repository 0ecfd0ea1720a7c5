import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';
import type { Call } from '../jsonrpc/call.ts';
import type { Dispatch } from '../jsonrpc/dispatch.ts';
import type { EventBus } from '../jsonrpc/eventBus.ts';
import { createOriginPolicy, type OriginPolicyOptions } from './http/originPolicy.ts';
import { createHttp, type Page } from './http/http.ts';
import { type Endpoint, openPort } from './port/port.ts';
import { Rest } from './rest/rest.ts';
import { StompEndpoint } from './stomp/endpoint.ts';
import { offerTls } from './tls/offer.ts';
import { WebSocketEndpoint } from './websocket/websocket.ts';

/** How long requests that run may take when the server is closed. */
const CLOSE_DEADLINE = Milliseconds(5000);

export interface ServerOptions {
  readonly call: Call;
  readonly dispatch: Dispatch;
  readonly events: EventBus;
  readonly log: Logger;
  readonly clock: Clock;
  /** Names or addresses to listen at, all on `port`. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Whether others than this machine are served with TLS alone; off, everybody may come in without. */
  readonly ssl: boolean;
  /** Where the certificates are, in VDSM's layout. */
  readonly pkiPath: string;
  readonly verifyClient: boolean;
  /** What is allowed besides the names of our certificate. */
  readonly originPolicy: Omit<OriginPolicyOptions, 'isOwnName'>;
  /** Bytes of one WebSocket message. */
  readonly maxMessage: number;
  /** Bytes of the body of one STOMP frame. */
  readonly maxFrame: number;
  /** Bytes that may wait for a client that does not read. */
  readonly maxUnread: number;
  /** GET pages by path. */
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
}

/** The one port with all that is spoken on it: STOMP, HTTP with REST, and WebSocket, plain or in TLS. */
export interface Server {
  readonly endpoints: readonly Endpoint[];
  /** When the certificate that is shown to clients ends; undefined without TLS. */
  certificateExpiry(): Date | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Takes no more connections and requests, and ends when those that run are answered or 5 s are over. */
  close(): Promise<void>;
}

/** Opens the port; throws where an address cannot be had, or TLS is needed and cannot be offered. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { log, clock, ssl, addresses, port, pkiPath: folder, verifyClient } = options;
  const tls = await offerTls({ log, clock, ssl, addresses, folder, verifyClient });
  const isOwnName = (name: string): boolean => tls?.isNamed(name) ?? false;
  const { websocket, http, stomp, rest } = protocols(options, isOwnName);
  try {
    const opened = await openPort({
      log,
      clock,
      endpoints: addresses.map((host) => ({ host, port })),
      http: (socket: Socket) => http.emit('connection', socket),
      stomp: (socket: Socket) => {
        stomp.accept(socket);
      },
      tls,
      // where TLS is off, the configuration was asked whether others may come in
      ...(ssl ? {} : { allowsPlain: () => true }),
    });
    return {
      endpoints: opened.endpoints,
      certificateExpiry: () => tls?.certificateExpiry(),
      reload: async () => tls?.reload(),
      async close() {
        opened.close();
        tls?.close();
        await Promise.all([websocket, stomp, rest].map((each) => each.close(CLOSE_DEADLINE)));
        http.closeAllConnections();
      },
    };
  } catch (error) {
    tls?.close();
    throw error;
  }
}

function protocols(options: ServerOptions, isOwnName: (name: string) => boolean) {
  const { pages, maxMessage, maxFrame, ...common } = options;
  const originPolicy = createOriginPolicy({ ...options.originPolicy, isOwnName });
  const { call, dispatch, events, log, clock, maxUnread } = common;
  const stomp = new StompEndpoint({
    ...{ dispatch, events, log, clock, maxUnread },
    maxMessage: maxFrame,
  });
  const websocket = new WebSocketEndpoint({ dispatch, events, log, clock, maxMessage, maxUnread });
  const rest = new Rest({ call, originPolicy, clock });
  const http = createHttp({
    originPolicy,
    log,
    pages,
    api: rest,
    upgrade: (request, socket, head) => {
      websocket.upgrade(request, socket, head);
    },
  });
  return { stomp, websocket, http, rest };
}
