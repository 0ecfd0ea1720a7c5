import { ProtocolError } from './stompErrors.ts';

/** A frame as it came: headers unescaped, of repeated ones the first; `body` may be a slice of what was read. */
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

/** A header's name or value as it is written; in every frame, CONNECTED too, as VDSM does. */
export const escape = (text: string): string =>
  /[\\\r\n:]/.test(text) ? text.replace(/[\\\r\n:]/g, (found) => escapes[found] ?? found) : text;

/** What `escape` was given; throws {@link ProtocolError} for escapes that STOMP does not have. */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.?)/gs, (_, letter: string) => {
    const meant = escaped[letter];
    if (meant === undefined) throw new ProtocolError('a header has an escape that STOMP 1.2 lacks');
    return meant;
  });
}

/** A whole frame; one with a body, an empty one too, has a content-length. */
export function encodeFrame(
  command: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): string {
  let head = `${command}\n`;
  for (const [name, value] of Object.entries(headers)) head += `${escape(name)}:${escape(value)}\n`;
  // oVirt's Java client takes a frame for a control frame by its lack of a content-length
  if (body === undefined) return `${head}\n\0`;
  return `${head}content-length:${String(Buffer.byteLength(body))}\n\n${body}\0`;
}
