import { expect, test } from '@jest/globals';
import { Parser } from '@stomp/stompjs';
import fc from 'fast-check';
import { encodeFrame } from '../../src/server/stomp/frame.ts';
import { ProtocolError } from '../../src/server/stomp/stompErrors.ts';
import { FrameParser } from '../../src/server/stomp/parser.ts';
import { framesIn } from '../support/framesIn.ts';
import { assertProperty } from '../support/property.ts';

type Plain = readonly [
  command: string,
  headers: readonly (readonly [string, string])[],
  body: string,
];

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const eol = fc.constantFrom('\n', '\r\n');

/** A frame as other clients write it: with or without unneeded escapes, any line ends, with or without a length. */
const written = fc
  .record({
    command: fc.stringMatching(/^[A-Z]{1,12}$/),
    headers: fc.array(
      fc.tuple(fc.stringMatching(/^[a-z-]{1,10}$/), fc.stringMatching(/^[ -9;-[\]-~é-ž]{0,20}$/)),
      {
        maxLength: 6,
      },
    ),
    body: text,
    end: eol,
    counts: fc.boolean(),
    beats: fc.array(fc.constant('\n'), { maxLength: 3 }),
  })
  .map(({ command, headers, body, end, counts, beats }) => {
    const free = counts ? body : body.replaceAll('\0', '');
    const given = headers.filter(([name]) => name !== 'content-length');
    const length = counts ? [['content-length', String(Buffer.byteLength(free))] as const] : [];
    const lines = [command, ...[...given, ...length].map((each) => each.join(':')), ''];
    return `${beats.join('')}${lines.map((line) => line + end).join('')}${free}\0`;
  });

/** Where to cut a stream, as shares of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

function pieces(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const ends = at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [0, ...ends].map((from, i) => bytes.subarray(from, ends[i] ?? bytes.length));
}

function ours(chunks: readonly Buffer[]): readonly Plain[] {
  const parser = new FrameParser(1_000_000);
  return chunks.flatMap((chunk) =>
    framesIn(parser, chunk).map(({ command, headers, body }): Plain => [
      command,
      [...headers],
      body.toString(),
    ]),
  );
}

function oracle(bytes: Buffer): readonly Plain[] {
  const frames: Plain[] = [];
  const parser = new Parser(
    ({ command = '', headers, binaryBody = new Uint8Array() }) => {
      const first = new Map<string, string>();
      for (const [name, value] of headers) if (!first.has(name)) first.set(name, value);
      frames.push([command, [...first], Buffer.from(binaryBody).toString()]);
    },
    () => undefined,
  );
  const chunk = new ArrayBuffer(bytes.length);
  new Uint8Array(chunk).set(bytes);
  parser.parseChunk(chunk);
  return frames;
}

/** Frames of which some are repeated, as by a client that polls. */
const stream = fc
  .array(written, { minLength: 1, maxLength: 5 })
  .chain((some) => fc.array(fc.constantFrom(...some), { minLength: 1, maxLength: 10 }));

test('frames in any pieces are equal to those of another parser', () => {
  assertProperty(
    fc.property(stream, cuts, (frames, at) => {
      const bytes = Buffer.from(frames.join(''));
      const found = ours(pieces(bytes, at));
      expect(found).toEqual(oracle(bytes));
      expect(found).toHaveLength(frames.length);
    }),
  );
});

test('a frame that is written is read back, by both parsers', () => {
  const headers = fc.dictionary(
    text.filter((name) => name !== '' && name !== 'content-length'),
    text,
    {
      maxKeys: 5,
      noNullPrototype: true,
    },
  );
  assertProperty(
    fc.property(headers, text, cuts, (given, body, at) => {
      const bytes = Buffer.from(encodeFrame('MESSAGE', given, body));
      const length = ['content-length', String(Buffer.byteLength(body))] as const;
      expect(ours(pieces(bytes, at))).toEqual([
        ['MESSAGE', [...Object.entries(given), length], body],
      ]);
      expect(oracle(bytes)).toMatchObject([['MESSAGE', {}, body]]);
    }),
  );
});

test('any bytes give frames or a protocol error, the same for any pieces', () => {
  const noise = fc.array(
    fc.oneof(
      written.map((frame) => Buffer.from(frame)),
      fc.uint8Array({ maxLength: 50 }),
    ),
    { maxLength: 5 },
  );
  const outcome = (chunks: readonly Buffer[]): unknown => {
    const frames: string[] = [];
    const parser = new FrameParser(1000);
    try {
      for (const chunk of chunks) {
        parser.read(chunk, ({ command }) => frames.push(command) > 0);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      return [frames, 'refused'];
    }
    return [frames];
  };
  assertProperty(
    fc.property(noise, cuts, (parts, at) => {
      const bytes = Buffer.concat(parts);
      expect(outcome(pieces(bytes, at))).toEqual(outcome([bytes]));
    }),
  );
});
