import { isUtf8 } from 'node:buffer';
import { ProtocolError, Refusal } from './failure.ts';
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
export interface Conversation {
  readonly queues: Queues;
  readonly subscriptions: Subscriptions;
  send(command: string, headers: Readonly<Record<string, string>>): void;
  keepHeartBeat(agreed: HeartBeat): void;
  dispatch(request: Request): void;
  end(): void;
}

type Run = (frame: Frame, conversation: Conversation) => void;

const connect: Run = ({ headers }, conversation) => {
  const versions = headers.get('accept-version')?.split(',') ?? [];
  if (!versions.some((version) => version.trim() === '1.2')) {
    // STOMP 1.2 §Protocol Negotiation: the versions that are spoken
    throw new Refusal('Version unsupported', { version: '1.2' });
  }
  const agreed = negotiate(headers.get('heart-beat'));
  conversation.send('CONNECTED', { version: '1.2', 'heart-beat': heartBeatHeader(agreed) });
  conversation.keepHeartBeat(agreed);
};

const send: Run = ({ headers, body }, conversation) => {
  const { queues } = conversation;
  const destination = headers.get('destination');
  if (destination === undefined) throw new ProtocolError('Missing destination header');
  if (!takesRequests(queues, destination)) throw new Refusal('Subscription not available');
  const text = body.toString();
  // what cannot be decoded became that
  if (text.includes('\ufffd') && !isUtf8(body)) throw new ProtocolError('the body is not UTF-8');
  conversation.dispatch({
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
    ({ headers }, conversation) => {
      conversation.subscriptions.add(headers.get('id'), headers.get('destination'));
    },
  ],
  [
    'UNSUBSCRIBE',
    ({ headers }, conversation) => {
      conversation.subscriptions.remove(headers.get('id'));
    },
  ],
  [
    'DISCONNECT',
    ({ headers }, conversation) => {
      // who wants a receipt closes the connection after having read it
      if (!headers.has('receipt')) conversation.end();
    },
  ],
]);

/** Does what a client's frame asks for; throws {@link Refusal} or {@link ProtocolError} where it cannot. */
export function obey(frame: Frame, conversation: Conversation): void {
  const run = commands.get(frame.command);
  if (!run) throw new ProtocolError(`Unknown command ${frame.command}`);
  run(frame, conversation);
  const receipt = frame.headers.get('receipt');
  if (receipt !== undefined && run !== connect) {
    conversation.send('RECEIPT', { 'receipt-id': receipt });
  }
}
