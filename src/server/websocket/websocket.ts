import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { createWebSocketStream, type RawData, type WebSocket } from 'ws';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Caller } from '../../jsonrpc/request.ts';
import { type Dispatch, textOf } from '../../jsonrpc/dispatch.ts';
import type { EventBus } from '../../jsonrpc/eventBus.ts';
import { refuse, type Upgrade } from '../http/http.ts';
import { plain } from '../http/page.ts';
import { InFlight } from '../limits/inFlight.ts';
import { Unfinished } from '../limits/unfinished.ts';
import { Unread } from '../limits/unread.ts';
import { type Client, clientOf } from '../peer/client.ts';
import { localUser } from '../peer/localUser.ts';
import type { UserOf } from '../peer/localUsers.ts';
import { MessageBounds } from './messageBounds.ts';
import {
  hasVersion,
  jsonOverWebSocket,
  offersStomp,
  stompOverWebSocket,
  type Subprotocol,
  wrongVersion,
} from './subprotocol.ts';
import { away } from '../limits/turnedAway.ts';

const MiB = 1024 * 1024;
/** How long a client may take to reply to a close frame. */
const CLOSE_TIMEOUT = Milliseconds(1000);

export interface WebSocketOptions {
  readonly dispatch: Dispatch;
  readonly events: EventBus;
  readonly log: Logger;
  readonly clock: Clock;
  /** Counts the requests of all connections. */
  readonly requests?: InFlight;
  /** Bytes of a message; a longer one closes its connection with 1009. */
  readonly maxMessage?: number;
  /** Bytes of the body of a STOMP frame. */
  readonly maxFrame?: number;
  /** Gets the messages of a STOMP client as a stream. */
  readonly stomp?: (stream: Duplex, client: Client) => void;
  /** Bytes buffered for a client that does not read; beyond that it is disconnected. */
  readonly maxUnread?: number;
  /** How often a client is pinged; one without a pong by the next ping is disconnected. */
  readonly pingInterval?: Milliseconds;
  readonly userOf?: UserOf;
}

interface Connection {
  readonly ws: WebSocket;
  readonly caller: Caller;
  readonly running: InFlight;
}

/** JSON-RPC over WebSocket in text messages without a subprotocol, or over STOMP with the subprotocol `v12.stomp`. */
export class WebSocketEndpoint {
  readonly #options: Required<Omit<WebSocketOptions, 'stomp'>> & Pick<WebSocketOptions, 'stomp'>;
  readonly #json: Subprotocol;
  readonly #stomp: Subprotocol;
  readonly #connections = new Set<Connection>();
  #closing = false;

  constructor(options: WebSocketOptions) {
    this.#options = {
      maxMessage: 4 * MiB,
      maxFrame: 4 * MiB,
      maxUnread: 16 * MiB,
      pingInterval: Milliseconds(30_000),
      userOf: localUser,
      requests: new InFlight(),
      ...options,
    };
    const { maxMessage, maxFrame } = this.#options;
    this.#json = jsonOverWebSocket(maxMessage);
    this.#stomp = stompOverWebSocket(maxFrame);
  }

  /** Takes over a connection that requests an upgrade to WebSocket. */
  readonly upgrade: Upgrade = (request, { socket, head, access, isDashboard }) => {
    if (this.#closing) {
      refuse(socket, plain(503, 'vmemd is stopping.'), this.#options.clock);
      return;
    }
    if (!hasVersion(request)) {
      refuse(socket, wrongVersion, this.#options.clock);
      return;
    }
    const { stomp } = this.#options;
    const plainTransport = isDashboard ? 'dashboard' : 'websocket';
    const transport = stomp && offersStomp(request) ? 'stomp' : plainTransport;
    const client = clientOf(request.socket, transport, access, this.#options.userOf);
    const { address } = client;
    if (stomp && client.transport === 'stomp') {
      this.#stomp.server.handleUpgrade(request, socket, head, (ws) => {
        this.#watch(ws, socket, { address, ...this.#stomp });
        // frames are text; ws sends bytes as binary messages
        stomp(createWebSocketStream(ws, { decodeStrings: false, allowHalfOpen: false }), client);
      });
    } else {
      this.#json.server.handleUpgrade(request, socket, head, (ws) => {
        this.#watch(ws, socket, { address, ...this.#json });
        this.#serve(ws, socket, client);
      });
    }
  };

  /** Accepts no further requests, waits for running ones until `deadline` has passed, then closes with 1001. */
  async close(deadline: Milliseconds): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#connections].map((connection) => this.#end(connection, deadline)));
  }

  #serve(ws: WebSocket, socket: Duplex, client: Client): void {
    const { events } = this.#options;
    const send = this.#sender(ws, socket, this.#unreadOf(ws, client.address));
    const subscriptions = events.open(send);
    const caller = { peer: { ...client, subscriptions }, outstanding: 0 };
    const running = new InFlight(this.#options.requests);
    const connection: Connection = { ws, caller, running };
    this.#connections.add(connection);
    ws.on('message', (data, isBinary) => {
      if (isBinary) ws.close(1003, 'text messages only');
      else if (!this.#closing) this.#dispatch(connection, data, send);
    });
    ws.on('close', () => {
      subscriptions.close();
      this.#connections.delete(connection);
    });
  }

  #dispatch({ caller, running }: Connection, data: RawData, send: (text: string) => void): void {
    running.begin();
    // ws gives a Buffer unless its binaryType is changed
    const received = { text: data as Buffer, caller, receivedAt: this.#options.clock.now() };
    this.#options.dispatch(received, (replies) => {
      running.end();
      if (replies !== undefined) send(textOf(replies));
    });
  }

  #unreadOf(ws: WebSocket, address: string): Unread {
    const { clock, maxUnread, log } = this.#options;
    const unread = new Unread({
      clock,
      maxUnread,
      waiting: () => ws.bufferedAmount,
      overflow: (bytes) => {
        log.warn(
          away('not_reading', { address, unread: bytes }),
          'disconnected a client that does not read',
        );
        ws.terminate();
      },
    });
    ws.on('close', () => {
      unread.stop();
    });
    return unread;
  }

  #sender(ws: WebSocket, socket: Duplex, unread: Unread): (text: string) => void {
    const uncork = (): void => {
      socket.uncork();
    };
    return (text) => {
      if (ws.readyState !== ws.OPEN) return;
      // replies that are ready together are sent in one write
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(uncork);
      }
      ws.send(text);
      unread.add(text.length);
    };
  }

  /** Pings a client until its connection closes, and logs its violations of the protocol. */
  #watch(
    ws: WebSocket,
    socket: Duplex,
    { address, tooLong }: Subprotocol & { readonly address: string },
  ): void {
    const { clock, pingInterval, log } = this.#options;
    const unfinished = watchBounds(socket, clock, () => {
      log.info(
        away('message_unfinished', { address }),
        'a WebSocket client did not send the rest of a message in time',
      );
      ws.terminate();
    });
    let alive = true;
    const beat = (): void => {
      if (!alive) {
        ws.terminate();
        return;
      }
      alive = false;
      ws.ping();
      cancel = clock.after(pingInterval, beat);
    };
    let cancel = clock.after(pingInterval, beat);
    ws.on('pong', () => {
      alive = true;
    });
    ws.on('close', () => {
      cancel();
      unfinished.stop();
    });
    ws.on('error', (error: Error & { code?: string }) => {
      const isTooLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      const reason = isTooLong ? tooLong : error.message;
      log.info(
        away('protocol_violated', { address, reason }),
        'a WebSocket client violated the protocol',
      );
    });
  }

  async #end({ ws, running }: Connection, deadline: Milliseconds): Promise<void> {
    const { clock } = this.#options;
    await running.drain(clock, deadline);
    if (ws.readyState === ws.CLOSED) return;
    const closed = new Promise((resolve) => ws.once('close', resolve));
    ws.close(1001, 'vmemd is stopping');
    const cancel = clock.after(CLOSE_TIMEOUT, () => {
      ws.terminate();
    });
    await closed;
    cancel();
  }
}

/** Calls `late` if the rest of a message or of a frame does not arrive in time. */
function watchBounds(socket: Duplex, clock: Clock, late: () => void): Unfinished {
  const bounds = new MessageBounds();
  const unfinished = new Unfinished(clock, late);
  socket.on('data', (chunk: Buffer) => {
    const { ended } = bounds;
    bounds.read(chunk);
    unfinished.update(bounds.isPart, bounds.ended > ended);
  });
  return unfinished;
}
