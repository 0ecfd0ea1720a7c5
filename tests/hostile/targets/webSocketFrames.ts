import { someMessage } from '../jsonRpc.ts';
import { cut, mutated } from '../mutate.ts';
import type { Random } from '../random.ts';
import { RawConnection } from '../service/rawConnection.ts';
import { Service } from '../service/service.ts';
import type { Target, Verdict } from '../target.ts';
import { fragmented, someWebSocketFrame, UPGRADE } from '../webSocketFrames.ts';

interface Input {
  readonly pieces: readonly string[];
  /** Whether the last message is one that is answered. */
  readonly isSound: boolean;
}

const LAST = JSON.stringify({ jsonrpc: '2.0', id: 'the-last', method: 'Host.ping' });
const STOMP = UPGRADE.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n');

/** The frames below the messages of a WebSocket: sound ones are answered, whatever their pieces; others end it. */
export const webSocketFrames: Target<Input> = {
  name: 'websocket-frames',
  weight: 10,
  make(random) {
    const isSound = random.chance(0.3);
    const frames = isSound ? sound(random) : broken(random);
    return { pieces: cut(frames, random), isSound };
  },
  async open({ isReplay }) {
    const service = await Service.open({ isWitnessed: !isReplay });
    return {
      width: 32,
      judge: (input) => service.fire(() => tried(input, service.port)),
      close: () => service.close(),
    };
  },
};

const sound = (random: Random): string =>
  UPGRADE +
  random
    .list(4, () => fragmented(random.chance(0.5) ? someMessage(random) : '[]', random))
    .join('') +
  fragmented(LAST, random);

function broken(random: Random): string {
  const upgrade = random.pick([UPGRADE, UPGRADE, UPGRADE, STOMP]);
  const frames = random
    .list(5, () => someWebSocketFrame(random, () => someMessage(random)))
    .join('');
  return (random.chance(0.1) ? mutated(upgrade, random) : upgrade) + frames;
}

async function tried({ pieces, isSound }: Input, port: number): Promise<Verdict> {
  const connection = await RawConnection.open(port);
  await connection.send(pieces);
  if (isSound) {
    const isAnswered = (): boolean =>
      connection.received.includes('"id":"the-last"') || connection.isClosed;
    if (!(await connection.until(isAnswered))) return 'a sound message was not answered';
    if (connection.isClosed)
      return `a sound connection was closed: ${connection.received.slice(-100)}`;
  }
  const isClosed = await connection.finish();
  const fault = /HTTP\/1\.1 5\d\d |"code":-32603[^}]*/.exec(connection.received)?.[0];
  if (fault !== undefined) return `an error of vmemd's own: ${fault}`;
  return isClosed ? undefined : 'the connection was not closed after its client had ended';
}
