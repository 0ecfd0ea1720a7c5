import { bytesOf } from './bytes.ts';
import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someText } from './text.ts';

export const UPGRADE =
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

interface FrameParts {
  readonly opcode: number;
  readonly isFinal?: boolean;
  readonly payload: string;
  readonly isMasked?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  /** The length that it names. */
  readonly length?: number;
  /** How its length is written. */
  readonly form?: 7 | 16 | 64;
}

const TEXT = 1;
const PING = 9;
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** Returns a frame's bytes as text of their values. */
export function frame(parts: FrameParts): string {
  const { opcode, isFinal = true, payload, isMasked = true, reserved = 0 } = parts;
  const { length = payload.length } = parts;
  const { form = formOf(length) } = parts;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const second = (isMasked ? 0x80 : 0) | { 7: length & 0x7f, 16: 126, 64: 127 }[form];
  const start = String.fromCharCode(first, second) + extended(form, length);
  return isMasked ? start + String.fromCharCode(...MASK) + masked(payload) : start + payload;
}

type Form = NonNullable<FrameParts['form']>;

function formOf(length: number): Form {
  if (length < 126) return 7;
  return length < 65_536 ? 16 : 64;
}

function extended(form: Form, length: number): string {
  const bytes = Buffer.alloc({ 7: 0, 16: 2, 64: 8 }[form]);
  if (form === 16) bytes.writeUInt16BE(length & 0xffff);
  if (form === 64) bytes.writeBigUInt64BE(BigInt(length));
  return bytes.toString('latin1');
}

const masked = (payload: string): string => {
  const bytes = Buffer.from(payload, 'latin1');
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (MASK[at % 4] ?? 0);
  return bytes.toString('latin1');
};

/** Returns a message in fragments, with control frames between them. */
export function fragmented(text: string, random: Random): string {
  const bytes = bytesOf(text);
  const size = Math.max(1, Math.ceil(bytes.length / (1 + random.below(20))));
  let frames = '';
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const isFinal = at + size >= bytes.length;
    frames += frame({ opcode: at === 0 ? TEXT : 0, isFinal, payload: bytes.slice(at, at + size) });
    if (!isFinal && random.chance(0.3))
      frames += frame({ opcode: PING, payload: 'x'.repeat(random.below(126)) });
  }
  return frames;
}

/** Returns a frame of any parts, also such as no client sends. */
export function someWebSocketFrame(random: Random, text: () => string): string {
  const payload = bytesOf(random.chance(0.5) ? text() : someText(random)).slice(0, 100_000);
  const parts: FrameParts = {
    opcode: random.chance(0.6) ? random.pick([0, 1, 1, 2, 8, 9, 10]) : random.below(16),
    isFinal: random.chance(0.7),
    payload: random.chance(0.1) ? payload.slice(0, 3) : payload,
    isMasked: random.chance(0.9),
    reserved: random.chance(0.9) ? 0 : random.below(8),
  };
  const length = random.pick([0, 125, 126, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53]);
  const form = random.pick([7, 16, 64] as const);
  const whole = random.chance(0.85) ? parts : { ...parts, length, form };
  const bytes = frame(whole);
  return random.chance(0.15) ? mutated(bytes, random) : bytes;
}
