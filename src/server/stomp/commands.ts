import { isUtf8 } from 'node:buffer';
import { ProtocolError, StompError } from './stompErrors.ts';
import type { Frame } from './frame.ts';
import { heartBeatHeader, negotiate, type HeartBeat } from './heartBeat.ts';
import { takesRequests, type Queues } from './queues.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A JSON-RPC message, the queue that its reply goes to, and its flow id. */
export interface Request {
  readonly text: string;
  readonly replyTo: string;
  readonly flowId: string | undefined;
}

/** What commands may do with the session that they came in. */
export interface FrameContext {
  readonly queues: Queues;
  readonly subscriptions: Subscriptions;
  send(command: string, headers: Readonly<Record<string, string>>): void;
  keepHeartBeat(agreed: HeartBeat): void;
  dispatch(request: Request): void;
  end(): void;
}

type Run = (frame: Frame, context: FrameContext) => void;

const connect: Run = ({ headers }, context) => {
  const versions = headers.get('accept-version')?.split(',') ?? [];
  if (!versions.some((version) => version.trim() === '1.2')) {
    // STOMP 1.2 §Protocol Negotiation: the versions that are spoken
    throw new StompError('Version unsupported', { version: '1.2' });
  }
  const agreed = negotiate(headers.get('heart-beat'));
  context.send('CONNECTED', { version: '1.2', 'heart-beat': heartBeatHeader(agreed) });
  context.keepHeartBeat(agreed);
};

const send: Run = ({ headers, body }, context) => {
  const { queues } = context;
  const destination = headers.get('destination');
  if (destination === undefined) throw new ProtocolError('Missing destination header');
  if (!takesRequests(queues, destination)) throw new StompError('Subscription not available');
  const text = body.toString();
  // what cannot be decoded became that
  if (text.includes('\ufffd') && !isUtf8(body)) throw new ProtocolError('the body is not UTF-8');
  context.dispatch({
    text,
    replyTo: headers.get('reply-to') ?? queues.responses,
    flowId: headers.get('ovirtCorrelationId'),
  });
};

const commands = new Map<string, Run>([
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
      // who wants a receipt closes the connection after having read it
      if (!headers.has('receipt')) context.end();
    },
  ],
]);

/** Does what a client's frame asks for; throws {@link StompError} or {@link ProtocolError} where it cannot. */
export function handleFrame(frame: Frame, context: FrameContext): void {
  const run = commands.get(frame.command);
  if (!run) throw new ProtocolError(`Unknown command ${frame.command}`);
  run(frame, context);
  const receipt = frame.headers.get('receipt');
  if (receipt !== undefined && run !== connect) {
    context.send('RECEIPT', { 'receipt-id': receipt });
  }
}
