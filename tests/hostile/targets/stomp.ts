import { someMessage } from '../jsonRpc.ts';
import { cut } from '../mutate.ts';
import type { Random } from '../random.ts';
import { RawConnection } from '../service/rawConnection.ts';
import { Service } from '../service/service.ts';
import { plainFrame, someFrame } from '../stompFrames.ts';
import type { Target, Verdict } from '../target.ts';

interface Input {
  readonly pieces: readonly string[];
  /** Whether all frames are such that the connection stays open and each is answered. */
  readonly isSound: boolean;
}

const REQUESTS = 'destination:jms.topic.vdsm_requests';
const REPLIES = 'jms.topic.vdsm_responses';
const CONNECT = plainFrame('CONNECT', ['accept-version:1.2', 'heart-beat:0,0']);
const SUBSCRIBE = plainFrame('SUBSCRIBE', [`destination:${REPLIES}`, 'id:of-the-end', 'ack:auto']);
const last = JSON.stringify({ jsonrpc: '2.0', id: 'the-last', method: 'Host.ping' });
const LAST = plainFrame('SEND', [REQUESTS, `reply-to:${REPLIES}`], last);
/** How long a request after broken frames may be part of one of them. */
const SHORT_MS = 300;

/** Sessions of STOMP: sound ones are answered to the end; others are closed, or ended by their client. */
export const stomp: Target<Input> = {
  name: 'stomp',
  weight: 10,
  make: (random) => (random.chance(0.3) ? soundSession(random) : anySession(random)),
  async open({ isReplay }) {
    const service = await Service.open({ isWitnessed: !isReplay });
    return {
      width: 48,
      judge: (input) => service.fire(() => tried(input, service.port)),
      close: () => service.close(),
    };
  },
};

function anySession(random: Random): Input {
  const start = random.chance(0.7) ? CONNECT + SUBSCRIBE : '';
  const frames = random.list(6, () => someFrame(random, () => someMessage(random)));
  return { pieces: cut(start + frames.join(''), random), isSound: false };
}

/** Frames that keep a session, with bodies of any content. */
function soundSession(random: Random): Input {
  const frames = random.list(8, () =>
    random.one(
      () => plainFrame('SEND', [REQUESTS, `reply-to:${REPLIES}`], someMessage(random)),
      () => plainFrame('SEND', [REQUESTS, 'reply-to:nowhere', 'receipt:a'], someMessage(random)),
      () => plainFrame('SEND', ['destination:elsewhere'], someMessage(random)),
      () =>
        plainFrame('SUBSCRIBE', ['destination:jms.queue.events', `id:${String(random.below(9))}`]),
      () => plainFrame('UNSUBSCRIBE', [`id:${String(random.below(9))}`, 'receipt:b']),
      () => plainFrame('SUBSCRIBE', ['id:1']),
      () => '\n'.repeat(random.below(9)),
    ),
  );
  return { pieces: cut([CONNECT, SUBSCRIBE, ...frames].join(''), random), isSound: true };
}

async function tried({ pieces, isSound }: Input, port: number): Promise<Verdict> {
  const connection = await RawConnection.open(port);
  await connection.send([...pieces, LAST]);
  const isAnswered = (): boolean =>
    connection.isClosed || connection.received.includes('"id":"the-last"');
  const answered = await connection.until(isAnswered, isSound ? undefined : SHORT_MS);
  if (isSound && !answered) return 'a request of a sound session was not answered';
  if (isSound && connection.isClosed)
    return `a sound session was closed: ${connection.received.slice(-300)}`;
  const isClosed = await connection.finish();
  const internal = /Internal error|"code":-32603[^}]*/.exec(connection.received)?.[0];
  if (internal !== undefined) return `an error of vmemd's own: ${internal}`;
  return isClosed ? undefined : 'the connection was not closed after its client had ended';
}
