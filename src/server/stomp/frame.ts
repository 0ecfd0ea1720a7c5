import { ProtocolError } from './stompErrors.ts';

/** A received frame: headers without escapes, the first of repeated ones; `body` may be a slice of the read buffer. */
export interface Frame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
  ':': '\\c',
};
const escaped: Readonly<Record<string, string>> = { '\\': '\\', r: '\r', n: '\n', c: ':' };

/**
 * Returns whether the headers of a frame have escapes. Those of CONNECT and CONNECTED have none, for the sake of STOMP
 * 1.0 (STOMP 1.2 §Value Encoding); STOMP is another word for CONNECT.
 */
export const hasEscapes = (command: string): boolean =>
  command !== 'CONNECT' && command !== 'STOMP' && command !== 'CONNECTED';

/** Escapes a header's name or value. */
export const escape = (text: string): string =>
  /[\\\r\n:]/.test(text) ? text.replace(/[\\\r\n:]/g, (found) => escapes[found] ?? found) : text;

/** Reverses {@link escape}; throws {@link ProtocolError} for an escape that STOMP does not define. */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.?)/gs, (_, letter: string) => {
    const character = escaped[letter];
    if (character === undefined)
      throw new ProtocolError('a header has an escape that STOMP 1.2 lacks');
    return character;
  });
}

/** Returns a frame as text, with a content-length if there is a body, even an empty one. */
export function encodeFrame(
  command: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): string {
  const write = hasEscapes(command) ? escape : (text: string): string => text;
  let head = `${command}\n`;
  for (const [name, value] of Object.entries(headers)) head += `${write(name)}:${write(value)}\n`;
  // oVirt's Java client identifies control frames by their lack of a content-length
  if (body === undefined) return `${head}\n\0`;
  return `${head}content-length:${String(Buffer.byteLength(body))}\n\n${body}\0`;
}
