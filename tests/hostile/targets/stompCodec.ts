import { encodeFrame } from '../../../src/server/stomp/frame.ts';
import { FrameParser } from '../../../src/server/stomp/parser.ts';
import { ProtocolError } from '../../../src/server/stomp/stompErrors.ts';
import { someStream } from '../stompFrames.ts';
import { inProcess, type Verdict } from '../target.ts';
import { someText } from '../text.ts';

const MAX_BODY = 5000;
const MAX_LINE = 8192;

/** The parser of STOMP frames: frames or a protocol error, the same for any pieces, and what is written is read back. */
export const stompCodec = inProcess<readonly string[]>(
  'stomp-codec',
  150,
  (random) => someStream(random, () => someText(random)),
  (pieces): Verdict => {
    const parts = outcome(pieces);
    const whole = outcome([pieces.join('')]);
    if (parts.text !== whole.text) return 'pieces of a stream give other frames than the stream';
    for (const { command, headers, body } of whole.frames) {
      const given = Object.fromEntries(headers);
      delete given['content-length'];
      const written = encodeFrame(command, given, body);
      // escapes make lines longer, and U+FFFD in place of other bytes a body, perhaps beyond what is read
      if (Buffer.byteLength(body) > MAX_BODY) continue;
      if (written.split('\n').some((line) => Buffer.byteLength(line) > MAX_LINE)) continue;
      const again = outcome([Buffer.from(written).toString('latin1')]);
      if (again.frames[0]?.body !== body) return 'a frame that is written is not read back';
    }
    return undefined;
  },
);

interface Plain {
  readonly command: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

function outcome(pieces: readonly string[]) {
  const parser = new FrameParser(MAX_BODY);
  const frames: Plain[] = [];
  let end = parser.isPart ? 'part' : 'whole';
  try {
    for (const piece of pieces) {
      parser.read(Buffer.from(piece, 'latin1'), ({ command, headers, body }) => {
        frames.push({ command, headers: [...headers], body: body.toString() });
        return true;
      });
    }
    end = parser.isPart ? 'part' : 'whole';
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    end = 'refused';
  }
  return { frames, text: JSON.stringify([frames, end]) };
}
