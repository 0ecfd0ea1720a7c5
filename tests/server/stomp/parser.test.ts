import { expect, test } from '@jest/globals';
import type { Frame } from '../../../src/server/stomp/frame.ts';
import { ProtocolError } from '../../../src/server/stomp/stompErrors.ts';
import { FrameParser } from '../../../src/server/stomp/parser.ts';
import { framesIn } from '../../support/framesIn.ts';

const MiB = 1024 * 1024;

const parse = (input: string | Buffer, size = Infinity, maxBody = MiB) => {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const parser = new FrameParser(maxBody);
  const frames = [];
  for (let at = 0; at < bytes.length; at += size) {
    frames.push(...framesIn(parser, bytes.subarray(at, Math.min(at + size, bytes.length))));
  }
  return frames.map(({ command, headers, body }) => [
    command,
    Object.fromEntries(headers),
    body.toString(),
  ]);
};

const sizes = [1, 2, 7, Infinity];

test.each(sizes)('frames are found in pieces of %d bytes', (size) => {
  const text =
    '\n\r\nCONNECT\na:1\nb:x\\cy\n\n\0\n\nSEND\r\ncontent-length:3\r\n\r\na\0b\0SEND\nü:ö\n\nbody\0SEND\ncontent-length:0\n\n\0';
  expect(parse(text, size)).toEqual([
    ['CONNECT', { a: '1', b: 'x\\cy' }, ''],
    ['SEND', { 'content-length': '3' }, 'a\0b'],
    ['SEND', { ü: 'ö' }, 'body'],
    ['SEND', { 'content-length': '0' }, ''],
  ]);
});

test('a body that arrives in one piece is not copied', () => {
  const parser = new FrameParser(10);
  // such buffers have memory of their own, which smaller ones share
  const own = (text: string): Buffer => Buffer.alloc(text.length, text);
  const [more, body] = [own('SEND\n\nmore\0'), own('SEND\ncontent-length:4\n\nbody')];
  const frames = [more, body, Buffer.from([0])].flatMap((chunk) => framesIn(parser, chunk));
  expect(frames.map((frame) => frame.body.toString())).toEqual(['more', 'body']);
  expect(frames[0]?.body.buffer).toBe(more.buffer);
  expect(frames[1]?.body.buffer).toBe(body.buffer);
});

test('a frame with the head of the last one gets the headers that were parsed then', () => {
  const parser = new FrameParser(2000);
  const chunks = [
    `SEND\n\n${'one'.repeat(500)}\0SEND\na:1\n\ntwo\0SEND\na:1\n\nthree\0`,
    'SEND\na:1\n\n',
    'four\0',
  ];
  const frames = chunks.flatMap((text) => framesIn(parser, Buffer.from(text)));
  expect(frames.map(({ body }) => body.toString())).toEqual([
    'one'.repeat(500),
    'two',
    'three',
    'four',
  ]);
  const [, two, three, four] = frames.map(({ headers }) => headers);
  expect(three).toBe(two);
  expect(four).toBe(two);
});

test('a head of more than 1 KiB is not kept for the next frame', () => {
  const written = (size: number) => `SEND\na:${'x'.repeat(size - 9)}\n\n\0`;
  const headers = (size: number) => {
    const text = written(size).repeat(2);
    return framesIn(new FrameParser(10), Buffer.from(text)).map((frame) => frame.headers);
  };
  const [first, again] = headers(1024);
  expect(again).toBe(first);
  const [long, longAgain] = headers(1025);
  expect(longAgain).not.toBe(long);
  expect(longAgain).toEqual(long);
});

test.each([
  ['in a command', 'X', ['XSEND', { a: '1' }]],
  ['in a header', 'SEND\nb:', ['SEND', { b: 'SEND', a: '1' }]],
])('the head of the last frame does not replace what begins %s', (_, begun, expected) => {
  const parser = new FrameParser(10);
  const chunks = ['SEND\na:1\n\n\0', begun, 'SEND\na:1\n\n\0'];
  const frames = chunks.flatMap((text) => framesIn(parser, Buffer.from(text)));
  expect(frames.map(({ command, headers }) => [command, Object.fromEntries(headers)])).toEqual([
    ['SEND', { a: '1' }],
    expected,
  ]);
});

test.each([
  ['', false],
  ['\n\n', false],
  ['S', true],
  ['SEND\n', true],
  ['SEND\na', true],
  ['SEND\n\n', true],
  ['SEND\n\nbody', true],
  ['SEND\ncontent-length:4\n\nbody', true],
  ['SEND\n\nbody\0', false],
  ['SEND\n\nbody\0\n', false],
])('%j is received in part: %j', (text, isPart) => {
  const parser = new FrameParser(10);
  framesIn(parser, Buffer.from(text));
  expect(parser.isPart).toBe(isPart);
});

test('no frame is read after the last that is handled', () => {
  const parser = new FrameParser(10);
  const handled: string[] = [];
  const stop = ({ command }: Frame): boolean => {
    handled.push(command);
    return command !== 'DISCONNECT';
  };
  expect(parser.read(Buffer.from('SEND\n\n\0DISCONNECT\n\n\0SEND\n\n\0'), stop)).toBe(true);
  expect(handled).toEqual(['SEND', 'DISCONNECT']);
});

test('the first of repeated headers is used', () => {
  expect(parse('SEND\na:1\na:2\n\n\0')).toEqual([['SEND', { a: '1' }, '']]);
});

test('further colons belong to the value, and blanks too', () => {
  expect(parse('CONNECT\nhost:[::1]:5 \n\n\0')).toEqual([['CONNECT', { host: '[::1]:5 ' }, '']]);
});

test.each(['CONNECT', 'STOMP'])('the headers of %s have no escapes', (command) => {
  const headers = { host: 'a\\c', passcode: 'C:\\new\\' };
  expect(parse(`${command}\nhost:a\\c\npasscode:C:\\new\\\n\n\0`)).toEqual([
    [command, headers, ''],
  ]);
});

test.each(sizes)('invalid STOMP is refused, in pieces of %d bytes', (size) => {
  const refused = (input: string | Buffer, why: RegExp, maxBody?: number): void => {
    expect(() => parse(input, size, maxBody)).toThrow(ProtocolError);
    expect(() => parse(input, size, maxBody)).toThrow(why);
  };
  refused('send\n', /no STOMP command/);
  refused('\0', /no STOMP command|bytes/);
  refused('SEND \n', /no STOMP command/);
  refused('SEND\r\r\n\n\0', /no STOMP command/);
  refused('\r\r\n\n\0', /no STOMP command/);
  refused('A'.repeat(40), /more than 32 bytes/);
  refused(`SEND\n${'a'.repeat(8200)}`, /more than 8192 bytes/);
  refused(`SEND\n${'a:b\n'.repeat(65)}`, /more than 64 headers/);
  refused('SEND\nnothing\n\n\0', /name:value/);
  refused('SEND\n:value\n\n\0', /name:value/);
  refused('SEND\na:\\t\n\n\0', /escape/);
  refused(Buffer.from('SEND\na:\xff\n\n\0', 'latin1'), /UTF-8/);
  refused('SEND\ncontent-length:-1\n\n\0', /not a number/);
  refused('SEND\ncontent-length:1e3\n\n\0', /not a number/);
  refused('SEND\ncontent-length:\n\n\0', /not a number/);
  refused('SEND\ncontent-length:2\n\nabc\0', /longer than content-length/);
  refused('SEND\ncontent-length:11\n\n', /10 bytes \(\[rpc\] max_frame_bytes\)/, 10);
  refused('SEND\n\n12345678901', /10 bytes \(\[rpc\] max_frame_bytes\)/, 10);
});

test('input just within the limits is accepted', () => {
  const header = `a:${'b'.repeat(8190)}\r\n`;
  const text = `${'A'.repeat(32)}\r\n${header}${'c:d\n'.repeat(63)}\n1234567890\0`;
  for (const size of [100, Infinity]) expect(parse(text, size, 10)).toHaveLength(1);
  expect(parse('SEND\ncontent-length:10\n\n1234567890\0', Infinity, 10)).toHaveLength(1);
});

test('a sent replacement character is not mistaken for invalid UTF-8', () => {
  expect(parse('SEND\na:\ufffd\n\n\0')).toEqual([['SEND', { a: '\ufffd' }, '']]);
});

test('16 MiB in small pieces are copied only a few times', () => {
  const parser = new FrameParser(16 * MiB);
  const piece = Buffer.alloc(1000, 'x');
  const frames = [...framesIn(parser, Buffer.from('SEND\ncontent-length:16000000\n\n'))];
  for (let i = 0; i < 16_000; i++) frames.push(...framesIn(parser, piece));
  frames.push(...framesIn(parser, Buffer.from([0])));
  expect(frames.map(({ body }) => body.length)).toEqual([16_000_000]);
});
