const BUFFER = 1024;
const LF = 10;
const NUL = 0;

/**
 * How the engine's Java client reads from a plain socket, its faults included: up to 1024 bytes a turn, one frame
 * taken from them, and no second look at what is left over until more bytes come.
 */
export class JavaReader {
  /** The frames that it took, without heart-beats. */
  readonly frames: string[] = [];
  /** Why it dropped the connection, if it did. */
  dropped: string | undefined;
  #held = Buffer.alloc(0);
  #unread = Buffer.alloc(0);
  #missing = 0;

  /** Bytes that it holds and will not look at by itself. */
  get stuck(): number {
    return this.#held.length;
  }

  /** Bytes come from the network; it takes as many turns as it is woken for. */
  arrive(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length > 0 && this.dropped === undefined) {
      if (this.#missing > 0) {
        this.#readRest();
      } else {
        // heart-beats and frames that were left over fill the buffer: it is deaf
        if (this.#held.length === BUFFER) return;
        this.#held = Buffer.concat([this.#held, this.#pull(BUFFER - this.#held.length)]);
        this.#lookOnce();
      }
    }
  }

  #pull(most: number): Buffer {
    const bytes = this.#unread.subarray(0, most);
    this.#unread = this.#unread.subarray(bytes.length);
    return bytes;
  }

  #readRest(): void {
    const bytes = this.#pull(this.#missing);
    this.#missing -= bytes.length;
    this.#held = Buffer.concat([this.#held, bytes]);
    if (this.#missing === 0) this.#take(this.#held.length);
  }

  #lookOnce(): void {
    const start = this.#held.findIndex((byte) => byte !== LF);
    if (start < 0) return;
    this.#held = this.#held.subarray(start);
    const headEnd = this.#held.indexOf('\n\n');
    const head = this.#held.toString('latin1', 0, headEnd < 0 ? undefined : headEnd);
    if (head.includes('\r')) this.dropped = 'a line ends in CR LF';
    else if (headEnd >= 0) this.#readBody(head, headEnd + 2);
    else if (head.split('\n').length > 2) this.dropped = 'the header block is cut';
  }

  #readBody(head: string, from: number): void {
    const length = /\ncontent-length:(\d+)/.exec(head)?.[1];
    if (length === undefined) {
      this.#takeControl(from);
      return;
    }
    if (this.#held.length === from) {
      this.dropped = 'the header block came alone';
      return;
    }
    const whole = from + Number(length) + 1;
    if (this.#held.length >= whole) this.#take(whole);
    else this.#missing = whole - this.#held.length;
  }

  #takeControl(from: number): void {
    const end = this.#held.indexOf(NUL, from);
    if (end < 0) return;
    this.#take(end + 1);
    const isWhole = this.#held.includes(NUL) && this.#held[0] !== LF;
    if (this.#held.length > 0 && !isWhole)
      this.dropped = 'something came along with a control frame';
  }

  #take(length: number): void {
    this.frames.push(this.#held.toString('utf8', 0, length - 1));
    this.#held = this.#held.subarray(length);
  }
}
