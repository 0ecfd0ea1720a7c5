import { MessageBounds } from '../../../src/server/websocket/messageBounds.ts';
import { cut } from '../mutate.ts';
import { inProcess, type Verdict } from '../target.ts';
import { someText } from '../text.ts';
import { fragmented, frame, someWebSocketFrame } from '../webSocketFrames.ts';

interface Input {
  readonly pieces: readonly string[];
  /** How many messages end, if all frames are sound. */
  readonly messages?: number;
}

/** The bounds of messages in a WebSocket: those of the frames that were written, the same for any pieces. */
export const messageBounds = inProcess<Input>(
  'websocket-bounds',
  100,
  (random) => {
    if (random.chance(0.5)) {
      const frames = random.list(4, () => someWebSocketFrame(random, () => someText(random)));
      return { pieces: cut(frames.join(''), random) };
    }
    const messages = random.list(5, () =>
      random.chance(0.3) ?
        frame({ opcode: 9, payload: 'x'.repeat(random.below(126)) })
      : fragmented(someText(random), random),
    );
    return { pieces: cut(messages.join(''), random), messages: messages.length };
  },
  ({ pieces, messages }): Verdict => {
    const [parts, whole] = [boundsOf(pieces), boundsOf([pieces.join('')])];
    if (parts.ended !== whole.ended || parts.isPart !== whole.isPart) {
      return 'pieces of a stream have other messages than the stream';
    }
    if (messages === undefined || (whole.ended === messages && !whole.isPart)) return undefined;
    return `${String(whole.ended)} of ${String(messages)} messages ended`;
  },
);

function boundsOf(pieces: readonly string[]): MessageBounds {
  const bounds = new MessageBounds();
  for (const piece of pieces) bounds.read(Buffer.from(piece, 'latin1'));
  return bounds;
}
