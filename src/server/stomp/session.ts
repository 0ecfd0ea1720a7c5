import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Caller } from '../../jsonrpc/call.ts';
import { type Dispatch, isBatch, type Replies, textOf } from '../../jsonrpc/dispatch.ts';
import type { EventBus, PeerSubscriptions } from '../../jsonrpc/eventBus.ts';
import { InFlight } from '../limits/inFlight.ts';
import { handleFrame, type FrameContext, type Request } from './commands.ts';
import { ProtocolError, StompError } from './stompErrors.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { keepHeartBeat, type HeartBeat } from './heartBeat.ts';
import { ENGINE_EVENTS, confidence, BEFORE_CONNECT, type Confidence } from './javaClient.ts';
import { Outbox } from './outbox.ts';
import { FrameParser } from './parser.ts';
import type { Queues } from './queues.ts';
import { Subscriptions } from './subscriptions.ts';

/** How long a client gets to close after us. */
const GOODBYE = Milliseconds(1000);
const ALL_EVENTS = '*';
const STRAY = 'a STOMP client sent what has no id to answer to';

export interface SessionOptions {
  readonly dispatch: Dispatch;
  readonly events: Pick<EventBus, 'open'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly queues: Queues;
  readonly maxMessage: number;
  readonly maxUnread: number;
}

/** One client's connection, from its first frame to its end. */
export class Session implements FrameContext {
  /** Fulfils when the connection is gone and nothing of the session is left. */
  readonly closed: Promise<void>;
  readonly queues: Queues;
  readonly subscriptions = new Subscriptions();
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #parser: FrameParser;
  readonly #outbox: Outbox;
  readonly #events: PeerSubscriptions;
  readonly #address: string;
  readonly #caller: Caller;
  readonly #requests = new InFlight();
  #heardAt: Milliseconds;
  #confidence: Confidence = 'possible';
  #stopTimers: Cancel = () => undefined;
  #state: 'new' | 'open' | 'finishing' | 'ended' = 'new';

  constructor(socket: Socket, options: SessionOptions) {
    const { clock, events, maxMessage, maxUnread, queues } = options;
    this.#socket = socket;
    this.#options = options;
    this.queues = queues;
    this.#heardAt = clock.now();
    this.#parser = new FrameParser(maxMessage);
    const overflow = (unread: number): void => this.#cutOff('does not read', { unread });
    this.#outbox = new Outbox(socket, { clock, maxUnread, overflow });
    this.#events = events.open((json) => this.#announce(json));
    // who hears of them is decided by SUBSCRIBE
    this.#events.add(ALL_EVENTS);
    this.#address = socket.remoteAddress ?? 'unknown';
    const peer = { address: this.#address, subscriptions: this.#events };
    this.#caller = { peer, outstanding: 0, asVdsm: true };
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#release();
        resolve();
      });
    });
    socket.on('error', (err) => this.#log('debug', 'a STOMP connection broke', { err }));
    socket.on('data', (chunk) => this.#read(chunk));
  }

  /** Takes no more requests, waits for those that run until `deadline` has passed, then says goodbye. */
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
      heardAt: () => this.#heardAt,
      beat: () => this.#outbox.beat(),
      lost: () => this.#cutOff('is silent for longer than it promised'),
    });
  }

  dispatch({ text, replyTo, flowId }: Request): void {
    if (this.#state === 'finishing') return;
    this.#requests.begin();
    void this.#options.dispatch(text, this.#caller, flowId).then((replies) => {
      this.#requests.end();
      if (replies !== undefined) this.#reply(replies, replyTo);
    });
  }

  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#stopTimers();
    this.#outbox.end();
    this.#stopTimers = this.#options.clock.after(GOODBYE, () => this.#socket.destroy());
  }

  #read(chunk: Buffer): void {
    // after the end bytes are only drained, so that the client can read our last frame
    if (this.#state === 'ended') return;
    this.#heardAt = this.#options.clock.now();
    try {
      for (const frame of this.#parser.read(chunk)) {
        this.#take(frame);
        if (this.#isEnded()) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(frame: Frame): void {
    this.#confidence = confidence(frame, this.#confidence);
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
    const isLast = this.#requests.isIdle;
    // a client that waits at `replyTo` may break at a reply without an id
    const { addressed, stray } = sorted(replies);
    if (stray) {
      const [reply, destination] = [textOf(stray), this.queues.responses];
      this.#log('info', STRAY, { destination, reply });
      this.#deliver(reply, destination, isLast && !addressed);
    }
    if (addressed) this.#deliver(textOf(addressed), replyTo, isLast);
  }

  #deliver(json: string, destination: string, isLast: boolean): void {
    if (this.#isEnded()) return;
    const frame = this.subscriptions.reply(destination, json, this.#outbox.minBytes);
    if (frame === undefined) this.#log('debug', 'nobody listens for a reply', { destination });
    else this.#outbox.send(frame, isLast);
  }

  #announce(json: string): void {
    if (this.#isEnded()) return;
    const { events } = this.queues;
    for (const frame of this.subscriptions.event(events, json, this.#outbox.minBytes)) {
      this.#outbox.sendEvent(frame);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.#log('info', 'a STOMP client broke the protocol', { reason: error.message });
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

  #cutOff(why: string, fields: object = {}): void {
    if (this.#socket.destroyed) return;
    this.#log('warn', `cut off a STOMP client that ${why}`, fields);
    this.#socket.destroy();
  }

  #release(): void {
    this.#state = 'ended';
    this.#stopTimers();
    this.#outbox.stop();
    this.#events.close();
  }

  #isEnded(): boolean {
    return this.#state === 'ended';
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: object): void {
    this.#options.log[level]({ address: this.#address, ...fields }, message);
  }
}

interface Sorted {
  readonly addressed?: Replies | undefined;
  /** Belongs to no request. */
  readonly stray?: Replies | undefined;
}

function sorted(replies: Replies): Sorted {
  if (!isBatch(replies)) return replies.id === null ? { stray: replies } : { addressed: replies };
  const addressed = replies.filter(({ id }) => id !== null);
  const stray = replies.filter(({ id }) => id === null);
  return {
    addressed: addressed.length > 0 ? addressed : undefined,
    stray: stray.length > 0 ? stray : undefined,
  };
}
