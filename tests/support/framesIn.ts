import type { Frame } from '../../src/server/stomp/frame.ts';
import type { FrameParser } from '../../src/server/stomp/parser.ts';

/** Returns the frames that end in `chunk`; throws as the parser does. */
export function framesIn(parser: FrameParser, chunk: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  parser.read(chunk, (frame) => frames.push(frame) > 0);
  return frames;
}
