import { bytesOf } from './bytes.ts';
import { cut, mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someNumber, someText } from './text.ts';

const COMMANDS = [
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'DISCONNECT',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'MESSAGE',
];

/** Values that are near those of a client, by the header's name. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'accept-version': ['1.2', '1.0,1.1,1.2', '1.1', '1.2,', ',,1.2', '2.0'],
  'heart-beat': [
    '0,0',
    '0,5000',
    '1,1',
    '-1,-1',
    '999999999,999999999',
    '1',
    ',',
    ' 5 , 6 ',
    '1e3,0',
  ],
  host: ['null', 'localhost', ''],
  destination: [
    'jms.topic.vdsm_requests',
    'jms.topic.vdsm_requests.more',
    'jms.topic.vdsm_responses',
    'jms.queue.events',
    'jms.topic.vdsm_irs_requests',
    '/',
  ],
  'reply-to': ['jms.topic.vdsm_responses', 'jms.queue.events', 'nowhere'],
  id: ['1', '2', '00000000-0000-4000-8000-000000000001'],
  ack: ['auto', 'client', 'client-individual'],
  receipt: ['1', 'r'],
  'content-length': [
    '0',
    '1',
    '5',
    '00',
    '-1',
    '+1',
    '1.0',
    '0x1',
    '4194304',
    '4194305',
    '999999999999999',
    '9e9',
  ],
  'content-type': ['application/json', 'text/plain', ''],
  ovirtCorrelationId: ['flow', 'ü', '\\n'],
};

/** Returns the bytes of a frame as text of their values: valid, nearly valid, or broken. */
export function someFrame(random: Random, body: () => string): string {
  const frame = written(random, body());
  return random.chance(0.3) ? mutated(frame, random) : frame;
}

function written(random: Random, body: string): string {
  const eol = random.chance(0.2) ? '\r\n' : '\n';
  const command = random.chance(0.05) ? someText(random) : random.pick(COMMANDS);
  const headers = random.list(6, () => header(random));
  if (random.chance(0.4)) headers.push(`content-length:${String(lengthOf(body, random))}`);
  const beats = eol.repeat(random.chance(0.2) ? random.below(20) : 0);
  const head = [command, ...headers, ''].map((line) => bytesOf(line) + eol).join('');
  return `${beats}${head}${bytesOf(body)}${random.chance(0.95) ? '\0' : ''}`;
}

const lengthOf = (body: string, random: Random): number =>
  random.chance(0.8) ?
    Buffer.byteLength(body)
  : random.one(
      () => someNumber(random),
      () => body.length,
    );

function header(random: Random): string {
  const [name, values] = random.pick(Object.entries(HEADERS));
  const given = random.chance(0.9) ? name : someText(random);
  const value = random.chance(0.8) ? random.pick(values) : someText(random);
  return random.chance(0.97) ? `${given}:${value}` : given + value;
}

/** Returns a frame as a client writes it. */
export function plainFrame(command: string, headers: readonly string[], body?: string): string {
  const length = body === undefined ? [] : [`content-length:${String(Buffer.byteLength(body))}`];
  return bytesOf(`${[command, ...headers, ...length].join('\n')}\n\n${body ?? ''}\0`);
}

/** Returns the pieces of a stream of frames. */
export const someStream = (random: Random, body: () => string): string[] => {
  const frames = Array.from({ length: 1 + random.below(6) }, () => someFrame(random, body));
  return cut(frames.join(''), random);
};
