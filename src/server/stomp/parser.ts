import { isUtf8 } from 'node:buffer';
import { ProtocolError } from './stompErrors.ts';
import { unescape, type Frame } from './frame.ts';
import { ByteBuffer } from './byteBuffer.ts';

const LF = 10;
const NUL = 0;
const MAX_COMMAND = 32;
const MAX_LINE = 8192;
const MAX_HEADERS = 64;
/** Heads up to that long are remembered. */
const MEMORY = 1024;

type Part = 'head' | 'body' | 'end';

/** A head that was read, and what was read from it. */
interface Known {
  readonly bytes: Buffer;
  readonly command: string;
  readonly headers: Map<string, string>;
  readonly length: number | undefined;
}

/** Cuts a stream of bytes into frames: in linear time, whatever the pieces, and with bounded memory. */
export class FrameParser {
  readonly #maxBody: number;
  readonly #pieces = new ByteBuffer();
  #part: Part = 'head';
  #command = '';
  #headers = new Map<string, string>();
  #headerCount = 0;
  #length: number | undefined;
  #body: Buffer | undefined;
  #known: Known | undefined;

  /** `maxBody` is the most bytes that a frame's body may have. */
  constructor(maxBody: number) {
    this.#maxBody = maxBody;
  }

  /** The frames that these bytes complete; throws {@link ProtocolError}, after which it is of no use. */
  *read(chunk: Buffer): Generator<Frame, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#part === 'head') at = this.#readHead(chunk, at);
      else if (this.#part === 'body') at = this.#readBody(chunk, at);
      else {
        if (chunk[at++] !== NUL) throw new ProtocolError('the body is longer than content-length');
        yield this.#finish();
      }
    }
  }

  #readHead(chunk: Buffer, from: number): number {
    const isBegun = this.#command !== '' || this.#pieces.length > 0;
    if (!isBegun && this.#recall(chunk, from)) return from + (this.#known?.bytes.length ?? 0);
    let at = from;
    while (at < chunk.length && this.#part === 'head') at = this.#readLine(chunk, at);
    if (!isBegun && this.#part !== 'head' && at - from <= MEMORY) {
      const bytes = Buffer.from(chunk.subarray(from, at));
      this.#known = { bytes, command: this.#command, headers: this.#headers, length: this.#length };
    }
    return at;
  }

  /** Takes a head that is that of the last frame as read, as it mostly is where a client polls. */
  #recall(chunk: Buffer, from: number): boolean {
    const known = this.#known;
    const end = from + (known?.bytes.length ?? Infinity);
    if (!known || end > chunk.length || known.bytes.compare(chunk, from, end) !== 0) return false;
    this.#command = known.command;
    this.#headers = known.headers;
    this.#length = known.length;
    this.#beginBody();
    return true;
  }

  #readLine(chunk: Buffer, from: number): number {
    const found = chunk.indexOf(LF, from);
    const end = found < 0 ? chunk.length : found;
    const isCommand = this.#command === '';
    // the carriage return that may end the line does not count
    const limit = (isCommand ? MAX_COMMAND : MAX_LINE) + 1;
    if (this.#pieces.length + end - from > limit) {
      throw new ProtocolError(`a line has more than ${String(limit - 1)} bytes`);
    }
    if (found >= 0) {
      this.#endLine(this.#line(chunk, from, end));
      return end + 1;
    }
    // what is no command will not become one: the rest need not be waited for
    if (isCommand) checkCommand(chunk.toString('latin1', from, end));
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
      // between frames an empty line is a heart-beat
      if (this.#command !== '') this.#endHead();
    } else if (this.#command === '') {
      checkCommand(line);
      this.#command = line;
    } else {
      this.#addHeader(line);
    }
  }

  #addHeader(line: string): void {
    if (++this.#headerCount > MAX_HEADERS) {
      throw new ProtocolError(`a frame has more than ${String(MAX_HEADERS)} headers`);
    }
    // further colons belong to the value: CONNECT's headers may be unescaped by the letter of STOMP
    const colon = line.indexOf(':');
    if (colon <= 0) throw new ProtocolError('a header line is not of the form name:value');
    const name = unescape(line.slice(0, colon));
    // STOMP 1.2 §Repeated Header Entries: the first one counts
    if (!this.#headers.has(name)) this.#headers.set(name, unescape(line.slice(colon + 1)));
  }

  #endHead(): void {
    const given = this.#headers.get('content-length');
    if (given !== undefined) {
      if (!/^\d{1,15}$/.test(given)) throw new ProtocolError('content-length is not a number');
      this.#length = Number(given);
      if (this.#length > this.#maxBody) throw this.#tooLong();
    }
    this.#beginBody();
  }

  #beginBody(): void {
    this.#part = 'body';
    if (this.#length === 0) this.#endBody(Buffer.alloc(0));
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

  /** Where the body ends in this chunk, if it does: by its length or, without one, before the first NUL. */
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
    this.#headers = new Map();
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
  if (!/^[A-Z]*\r?$/.test(text)) throw new ProtocolError('a frame begins with no STOMP command');
}
