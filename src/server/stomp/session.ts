import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Caller } from '../../jsonrpc/request.ts';
import {
  type Dispatch,
  isBatch,
  type Replies,
  type Reply,
  textOf,
} from '../../jsonrpc/dispatch.ts';
import type { EventBus, PeerSubscriptions } from '../../jsonrpc/eventBus.ts';
import { InFlight } from '../limits/inFlight.ts';
import { away } from '../limits/turnedAway.ts';
import { Unfinished } from '../limits/unfinished.ts';
import type { Client } from '../peer/client.ts';
import { type FrameContext, handleFrame, type Request } from './commands.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { type HeartBeat, keepHeartBeat } from './heartBeat.ts';
import { BEFORE_CONNECT, confidence, type Confidence, ENGINE_EVENTS } from './javaClient.ts';
import { Outbox } from './outbox.ts';
import { FrameParser } from './parser.ts';
import type { Queues } from './queues.ts';
import { ProtocolError, StompError } from './stompErrors.ts';
import { Subscriptions } from './subscriptions.ts';

/** How long a client may take to close its end. */
const CLOSE_TIMEOUT = Milliseconds(1000);
const LATE = new ProtocolError('the rest of a frame did not arrive within 30 s');
const ALL_EVENTS = '*';
const WITHOUT_ID = 'a STOMP client sent a request without a usable id';

export interface SessionOptions {
  readonly dispatch: Dispatch;
  readonly events: Pick<EventBus, 'open'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly queues: Queues;
  /** Counts the requests of all connections. */
  readonly requests: InFlight;
  /** Bytes of a frame's body. */
  readonly maxMessage: number;
  /** Bytes buffered for a client that does not read. */
  readonly maxUnread: number;
}

/** How the frames of a session are carried. */
export interface Carrier {
  readonly client: Client;
  /** Whether each frame is sent as a message of its own, as over WebSocket; otherwise frames are bytes of a stream. */
  readonly isMessages: boolean;
}

/** The connection of one client. */
export class Session implements FrameContext {
  /** Fulfils when the connection is closed and the session released. */
  readonly closed: Promise<void>;
  readonly queues: Queues;
  readonly subscriptions = new Subscriptions();
  readonly #socket: Duplex;
  readonly #options: SessionOptions;
  readonly #parser: FrameParser;
  readonly #outbox: Outbox;
  readonly #events: PeerSubscriptions;
  readonly #caller: Caller;
  readonly #requests: InFlight;
  readonly #unfinished: Unfinished;
  #receivedAt: Milliseconds;
  #confidence: Confidence;
  readonly #carrier: Carrier;
  #stopTimers: Cancel = () => undefined;
  #state: 'new' | 'open' | 'finishing' | 'ended' = 'new';

  constructor(socket: Duplex, carrier: Carrier, options: SessionOptions) {
    const { clock, events, maxMessage, maxUnread, queues } = options;
    this.#socket = socket;
    this.#carrier = carrier;
    // the engine's client does not speak WebSocket
    this.#confidence = carrier.isMessages ? 'none' : 'possible';
    this.#options = options;
    this.queues = queues;
    this.#receivedAt = clock.now();
    this.#parser = new FrameParser(maxMessage);
    this.#requests = new InFlight(options.requests);
    const overflow = (unread: number): void =>
      this.#disconnect('does not read', away('not_reading', { unread }));
    this.#unfinished = new Unfinished(clock, () => this.#fail(LATE));
    const { isMessages } = carrier;
    this.#outbox = new Outbox(socket, { clock, maxUnread, overflow, isMessages });
    this.#events = events.open((json) => this.#sendEvent(json));
    // SUBSCRIBE frames decide where they are sent
    this.#events.add(ALL_EVENTS);
    const peer = { ...carrier.client, subscriptions: this.#events };
    this.#caller = { peer, outstanding: 0, asVdsm: true };
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#release();
        resolve();
      });
    });
    socket.on('error', (err) => this.#log('debug', 'a STOMP connection broke', { err }));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Accepts no further requests, waits for running ones until `deadline` has passed, then closes. */
  async finish(deadline: Milliseconds): Promise<void> {
    if (!this.#isEnded()) this.#state = 'finishing';
    await this.#requests.drain(this.#options.clock, deadline);
    this.end();
    await this.closed;
  }

  send(command: string, headers: Readonly<Record<string, string>>): void {
    this.#outbox.send(encodeFrame(command, headers));
  }

  keepHeartBeat(agreed: HeartBeat): void {
    this.#stopTimers();
    this.#stopTimers = keepHeartBeat(agreed, {
      clock: this.#options.clock,
      sentAt: () => this.#outbox.sentAt,
      receivedAt: () => this.#receivedAt,
      beat: () => this.#outbox.beat(),
      lost: () =>
        this.#disconnect('is silent for longer than its heart-beat allows', away('silent', {})),
    });
  }

  dispatch({ text, replyTo, flowId }: Request): void {
    if (this.#state === 'finishing') return;
    this.#requests.begin();
    const received = { text, flowId, caller: this.#caller, receivedAt: this.#receivedAt };
    this.#options.dispatch(received, (replies) => {
      this.#requests.end();
      if (replies !== undefined) this.#reply(replies, replyTo);
    });
  }

  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#stopTimers();
    this.#unfinished.stop();
    this.#outbox.end();
    this.#stopTimers = this.#options.clock.after(CLOSE_TIMEOUT, () => this.#socket.destroy());
  }

  #read(chunk: Buffer): void {
    // after the end, bytes are discarded, so that the client can still read the last frame
    if (this.#state === 'ended') return;
    this.#receivedAt = this.#options.clock.now();
    try {
      const hasEnded = this.#parser.read(chunk, this.#onFrame);
      if (!this.#isEnded()) this.#unfinished.update(this.#parser.isPart, hasEnded);
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #onFrame = (frame: Frame): boolean => {
    this.#handle(frame);
    return !this.#isEnded();
  };

  #handle(frame: Frame): void {
    if (!this.#carrier.isMessages) this.#confidence = confidence(frame, this.#confidence);
    this.#pace(this.#confidence !== 'none');
    if (this.#state === 'new') {
      this.#state = 'open';
      const connects = frame.command === 'CONNECT' || frame.command === 'STOMP';
      if (!connects) this.keepHeartBeat(BEFORE_CONNECT);
    }
    try {
      handleFrame(frame, this);
    } catch (error) {
      if (!(error instanceof StompError)) throw error;
      const receipt = frame.headers.get('receipt');
      this.#sendError(error.message, {
        ...error.headers,
        ...(receipt === undefined ? {} : { 'receipt-id': receipt }),
      });
    }
  }

  #pace(isPaced: boolean): void {
    if (isPaced === this.#outbox.isPaced) return;
    this.#outbox.pace(isPaced);
    const [wanted, unwanted] =
      isPaced ? [ENGINE_EVENTS, [ALL_EVENTS]] : [[ALL_EVENTS], ENGINE_EVENTS];
    for (const pattern of unwanted) this.#events.remove(pattern);
    for (const pattern of wanted) this.#events.add(pattern);
  }

  #reply(replies: Replies, replyTo: string): void {
    // a client may fail on a reply without an id at `replyTo`
    const { addressed, stray } = sorted(replies);
    if (stray) {
      const [reply, destination] = [textOf(stray), this.queues.responses];
      this.#log('info', WITHOUT_ID, { destination, reply });
      this.#deliver(reply, destination);
    }
    if (addressed) this.#deliver(textOf(addressed), replyTo);
  }

  #deliver(json: string, destination: string): void {
    if (this.#isEnded()) return;
    const frame = this.subscriptions.reply(destination, json, this.#outbox.minBytes);
    if (frame === undefined) this.#log('debug', 'no subscription for a reply', { destination });
    else this.#outbox.send(frame);
  }

  #sendEvent(json: string): void {
    if (this.#isEnded()) return;
    const { events } = this.queues;
    for (const frame of this.subscriptions.event(events, json, this.#outbox.minBytes)) {
      this.#outbox.sendEvent(frame);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      const event = error === LATE ? 'message_unfinished' : 'protocol_violated';
      const facts = away(event, { reason: error.message });
      this.#log('info', 'a STOMP client violated the protocol', facts);
      this.#sendError(error.message);
    } else {
      this.#log('error', 'a STOMP frame could not be handled', { event: 'bug', err: error });
      this.#sendError('Internal error');
    }
    this.end();
  }

  #sendError(message: string, more: Readonly<Record<string, string>> = {}): void {
    const headers = { ...more, message, 'content-type': 'text/plain' };
    this.#outbox.send(encodeFrame('ERROR', headers, message));
  }

  #disconnect(why: string, fields: object): void {
    if (this.#socket.destroyed) return;
    this.#log('warn', `disconnected a STOMP client that ${why}`, fields);
    this.#socket.destroy();
  }

  #release(): void {
    this.#state = 'ended';
    this.#stopTimers();
    this.#unfinished.stop();
    this.#outbox.stop();
    this.#events.close();
  }

  #isEnded(): boolean {
    return this.#state === 'ended';
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: object): void {
    this.#options.log[level]({ address: this.#carrier.client.address, ...fields }, message);
  }
}

interface Sorted {
  readonly addressed?: Replies | undefined;
  /** Replies without an id, which belong to no request. */
  readonly stray?: Replies | undefined;
}

const isStray = ({ id }: Reply): boolean => id === null;

function sorted(replies: Replies): Sorted {
  if (!isBatch(replies)) return isStray(replies) ? { stray: replies } : { addressed: replies };
  const addressed = replies.filter((reply) => !isStray(reply));
  const stray = replies.filter(isStray);
  return {
    addressed: addressed.length > 0 ? addressed : undefined,
    stray: stray.length > 0 ? stray : undefined,
  };
}
