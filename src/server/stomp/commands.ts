import { isUtf8 } from 'node:buffer';
import type { Frame } from './frame.ts';
import { type HeartBeat, heartBeatHeader, negotiate } from './heartBeat.ts';
import { acceptsRequests, type Queues } from './queues.ts';
import { ProtocolError, StompError } from './stompErrors.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A JSON-RPC message, the destination of its reply, and its flow id. */
export interface Request {
  readonly text: string;
  readonly replyTo: string;
  readonly flowId: string | undefined;
}

/** The session of a frame, as far as commands use it. */
export interface FrameContext {
  readonly queues: Queues;
  readonly subscriptions: Subscriptions;
  send(command: string, headers: Readonly<Record<string, string>>): void;
  keepHeartBeat(agreed: HeartBeat): void;
  dispatch(request: Request): void;
  end(): void;
}

type Command = (frame: Frame, context: FrameContext) => void;

const connect: Command = ({ headers }, context) => {
  const versions = headers.get('accept-version')?.split(',') ?? [];
  if (!versions.some((version) => version.trim() === '1.2')) {
    // STOMP 1.2 §Protocol Negotiation: ERROR lists the supported versions
    throw new StompError('Version unsupported', { version: '1.2' });
  }
  const agreed = negotiate(headers.get('heart-beat'));
  context.send('CONNECTED', { version: '1.2', 'heart-beat': heartBeatHeader(agreed) });
  context.keepHeartBeat(agreed);
};

const send: Command = ({ headers, body }, context) => {
  const { queues } = context;
  const destination = headers.get('destination');
  if (destination === undefined) throw new ProtocolError('Missing destination header');
  if (!acceptsRequests(queues, destination)) throw new StompError('Subscription not available');
  const text = body.toString();
  // undecodable bytes become U+FFFD, which may also have been sent
  if (text.includes('\ufffd') && !isUtf8(body)) throw new ProtocolError('the body is not UTF-8');
  context.dispatch({
    text,
    replyTo: headers.get('reply-to') ?? queues.responses,
    flowId: headers.get('ovirtCorrelationId'),
  });
};

const commands = new Map<string, Command>([
  ['CONNECT', connect],
  ['STOMP', connect],
  ['SEND', send],
  [
    'SUBSCRIBE',
    ({ headers }, context) => {
      context.subscriptions.add(headers.get('id'), headers.get('destination'));
    },
  ],
  [
    'UNSUBSCRIBE',
    ({ headers }, context) => {
      context.subscriptions.remove(headers.get('id'));
    },
  ],
  [
    'DISCONNECT',
    ({ headers }, context) => {
      // a client that wants a receipt closes the connection after reading it
      if (!headers.has('receipt')) context.end();
    },
  ],
]);

/** Runs the command of a client's frame; throws {@link StompError} or {@link ProtocolError}. */
export function handleFrame(frame: Frame, context: FrameContext): void {
  const command = commands.get(frame.command);
  if (!command) throw new ProtocolError(`Unknown command ${frame.command}`);
  command(frame, context);
  const receipt = frame.headers.get('receipt');
  if (receipt !== undefined && command !== connect) {
    context.send('RECEIPT', { 'receipt-id': receipt });
  }
}
