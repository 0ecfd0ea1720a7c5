import { isUtf8 } from 'node:buffer';
import { ByteBuffer } from './byteBuffer.ts';
import { type Frame, hasEscapes, unescape } from './frame.ts';
import { ProtocolError } from './stompErrors.ts';

const LF = 10;
const NUL = 0;
const MAX_COMMAND = 32;
const MAX_LINE = 8192;
const MAX_HEADERS = 64;
/** Longest head that is cached, in bytes. */
const MAX_CACHED = 1024;

type Part = 'head' | 'body' | 'end';

/** A parsed head and its bytes. */
interface CachedHead {
  readonly bytes: Buffer;
  readonly command: string;
  readonly headers: Map<string, string>;
  readonly length: number | undefined;
}

/** Splits a stream of bytes into frames, in linear time for any pieces and with bounded memory. */
export class FrameParser {
  readonly #maxBody: number;
  readonly #pieces = new ByteBuffer();
  #part: Part = 'head';
  #command = '';
  #headers = new Map<string, string>();
  #headerCount = 0;
  #length: number | undefined;
  #body: Buffer | undefined;
  #cached: CachedHead | undefined;

  /** `maxBody`: the most bytes of a frame's body. */
  constructor(maxBody: number) {
    this.#maxBody = maxBody;
  }

  /** Whether a frame is received in part. */
  get isPart(): boolean {
    return this.#command !== '' || this.#pieces.length > 0;
  }

  /**
   * Passes the frames that end in `chunk` to `handle` until that returns false; returns whether there were any. Throws
   * {@link ProtocolError}, after which it must not be used.
   */
  read(chunk: Buffer, handle: (frame: Frame) => boolean): boolean {
    let at = 0;
    let hasEnded = false;
    while (at < chunk.length) {
      if (this.#part === 'head') at = this.#readHead(chunk, at);
      else if (this.#part === 'body') at = this.#readBody(chunk, at);
      else {
        if (chunk[at++] !== NUL) throw new ProtocolError('the body is longer than content-length');
        hasEnded = true;
        if (!handle(this.#finish())) break;
      }
    }
    return hasEnded;
  }

  #readHead(chunk: Buffer, from: number): number {
    const isBegun = this.isPart;
    const reused = isBegun ? undefined : this.#reuseHead(chunk, from);
    if (reused !== undefined) return reused;
    let at = from;
    while (at < chunk.length && this.#part === 'head') at = this.#readLine(chunk, at);
    if (!isBegun && this.#part !== 'head' && at - from <= MAX_CACHED) {
      const bytes = Buffer.from(chunk.subarray(from, at));
      this.#cached = {
        bytes,
        command: this.#command,
        headers: this.#headers,
        length: this.#length,
      };
    }
    return at;
  }

  /** Reuses the last parsed head if the next one has the same bytes, as frames of a polling client mostly do; returns its end. */
  #reuseHead(chunk: Buffer, from: number): number | undefined {
    const cached = this.#cached;
    if (!cached) return undefined;
    const end = from + cached.bytes.length;
    if (end > chunk.length || cached.bytes.compare(chunk, from, end) !== 0) return undefined;
    this.#command = cached.command;
    this.#headers = cached.headers;
    this.#length = cached.length;
    this.#part = 'body';
    return end;
  }

  #readLine(chunk: Buffer, from: number): number {
    const found = chunk.indexOf(LF, from);
    const end = found < 0 ? chunk.length : found;
    const isCommand = this.#command === '';
    // a carriage return at the end does not count
    const limit = (isCommand ? MAX_COMMAND : MAX_LINE) + 1;
    if (this.#pieces.length + end - from > limit) {
      throw new ProtocolError(`a line has more than ${String(limit - 1)} bytes`);
    }
    if (found >= 0) {
      this.#endLine(this.#line(chunk, from, end));
      return end + 1;
    }
    // an invalid command is refused before the rest of the line arrives
    if (isCommand) checkCommand(chunk.toString('latin1', from, end).replace(/\r$/, ''));
    this.#pieces.add(chunk.subarray(from, end));
    return end;
  }

  #line(chunk: Buffer, from: number, end: number): string {
    if (this.#pieces.length === 0) return decode(chunk, from, end);
    this.#pieces.add(chunk.subarray(from, end));
    const whole = this.#pieces.take();
    return decode(whole, 0, whole.length);
  }

  #endLine(line: string): void {
    if (line === '') {
      // an empty line between frames is a heart-beat
      if (this.#command !== '') this.#endHead();
    } else if (this.#command === '') {
      checkCommand(line);
      this.#command = line;
      this.#headers = new Map();
    } else {
      this.#addHeader(line);
    }
  }

  #addHeader(line: string): void {
    if (++this.#headerCount > MAX_HEADERS) {
      throw new ProtocolError(`a frame has more than ${String(MAX_HEADERS)} headers`);
    }
    // further colons belong to the value: STOMP does not escape the headers of CONNECT
    const colon = line.indexOf(':');
    if (colon <= 0) throw new ProtocolError('a header line is not of the form name:value');
    const read = hasEscapes(this.#command) ? unescape : (text: string): string => text;
    const name = read(line.slice(0, colon));
    // STOMP 1.2 §Repeated Header Entries: the first is used
    if (!this.#headers.has(name)) this.#headers.set(name, read(line.slice(colon + 1)));
  }

  #endHead(): void {
    const given = this.#headers.get('content-length');
    if (given !== undefined) {
      if (!/^\d{1,15}$/.test(given)) throw new ProtocolError('content-length is not a number');
      this.#length = Number(given);
      if (this.#length > this.#maxBody) throw this.#tooLong();
    }
    this.#part = 'body';
  }

  #readBody(chunk: Buffer, from: number): number {
    const end = this.#bodyEnd(chunk, from);
    const size = this.#pieces.length + (end ?? chunk.length) - from;
    if (size > this.#maxBody) throw this.#tooLong();
    const piece = chunk.subarray(from, end);
    if (end === undefined) {
      this.#pieces.add(piece);
      return chunk.length;
    }
    if (this.#pieces.length === 0) {
      this.#endBody(piece);
    } else {
      this.#pieces.add(piece);
      this.#endBody(this.#pieces.take());
    }
    return end;
  }

  /** Returns where the body ends in `chunk`, if it does: by its length, or without one before the first NUL. */
  #bodyEnd(chunk: Buffer, from: number): number | undefined {
    const end =
      this.#length === undefined ?
        chunk.indexOf(NUL, from)
      : from + this.#length - this.#pieces.length;
    return end < 0 || end > chunk.length ? undefined : end;
  }

  #endBody(body: Buffer): void {
    this.#body = body;
    this.#part = 'end';
  }

  #finish(): Frame {
    const body = this.#body ?? Buffer.alloc(0);
    const frame = { command: this.#command, headers: this.#headers, body };
    this.#part = 'head';
    this.#command = '';
    this.#headerCount = 0;
    this.#length = undefined;
    this.#body = undefined;
    return frame;
  }

  #tooLong(): ProtocolError {
    return new ProtocolError(
      `a body may have ${String(this.#maxBody)} bytes ([rpc] max_frame_bytes)`,
    );
  }
}

function decode(bytes: Buffer, from: number, end: number): string {
  const text = bytes.toString('utf8', from, end);
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(from, end))) {
    throw new ProtocolError('a header is not UTF-8');
  }
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function checkCommand(text: string): void {
  if (!/^[A-Z]*$/.test(text)) throw new ProtocolError('a frame begins with no STOMP command');
}
