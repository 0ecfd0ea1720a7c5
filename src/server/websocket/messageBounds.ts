const FIN = 0x80;
const MASKED = 0x80;
/** The least operation code of a control frame. */
const CONTROL = 8;
const LONG = 126;
const LONGEST = 127;

/** Follows the bounds of messages in the bytes of a WebSocket (RFC 6455 §5.2), whose library does not report them. */
export class MessageBounds {
  readonly #head = Buffer.alloc(14);
  #received = 0;
  #payload = 0;
  #isFragmented = false;
  #ended = 0;

  /** How many messages have ended. */
  get ended(): number {
    return this.#ended;
  }

  /** Whether a message or a control frame is received in part. */
  get isPart(): boolean {
    return this.#received > 0 || this.#payload > 0 || this.#isFragmented;
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payload > 0) {
        const size = Math.min(this.#payload, chunk.length - at);
        at += size;
        this.#payload -= size;
      } else {
        this.#head[this.#received++] = chunk[at++] ?? 0;
        this.#readHead();
      }
      if (this.#payload === 0 && !this.isPart) this.#ended++;
    }
  }

  #readHead(): void {
    const [first = 0, second = 0] = this.#head;
    const length = second & ~MASKED;
    const extended =
      length === LONG ? 2
      : length === LONGEST ? 8
      : 0;
    const size = 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
    if (this.#received < 2 || this.#received < size) return;
    this.#received = 0;
    if ((first & 0x0f) < CONTROL) this.#isFragmented = (first & FIN) === 0;
    this.#payload =
      extended === 0 ? length
      : extended === 2 ? this.#head.readUInt16BE(2)
      : Number(this.#head.readBigUInt64BE(2));
  }
}
