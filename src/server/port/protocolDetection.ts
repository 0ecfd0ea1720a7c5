/** A protocol as detected from the first bytes of a connection. */
export type Protocol = 'http' | 'stomp' | 'tls' | 'unknown';

const http = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
]);
const stomp = new Set(['CONNECT', 'STOMP', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT']);
const words = [...http, ...stomp];

const TLS_HANDSHAKE = 0x16;
/** Enough bytes for detection: a few empty lines and the longest word. */
const ENOUGH = 32;

/**
 * Returns the protocol, undefined if more bytes are needed. The first word and the byte after it distinguish HTTP from
 * STOMP, since both have CONNECT.
 */
export function detectProtocol(bytes: Buffer): Protocol | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  const text = bytes.toString('latin1', 0, ENOUGH).replace(/^[\r\n]+/, '');
  const [word = ''] = /^[A-Z]*/.exec(text) ?? [];
  const after = text[word.length];
  if (after === undefined && bytes.length < ENOUGH) {
    return words.some((one) => one.startsWith(word)) ? undefined : 'unknown';
  }
  if (after === ' ' && http.has(word)) return 'http';
  if ((after === '\n' || after === '\r') && stomp.has(word)) return 'stomp';
  return 'unknown';
}
