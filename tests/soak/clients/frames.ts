/** Returns a STOMP frame. */
export const frame = (command: string, headers: readonly string[], body = ''): string =>
  `${command}\n${headers.join('\n')}\n\n${body}\0`;

interface Frame {
  readonly command: string;
  readonly body: string;
}

/** The frames in a stream of bytes of which all bodies have their length. */
export class Frames {
  #held = Buffer.alloc(0);

  /** Returns the frames that are complete with these bytes. */
  read(chunk: Buffer): readonly Frame[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      let start = 0;
      while (this.#held[start] === 10) start += 1;
      const head = this.#held.indexOf('\n\n', start);
      if (head < 0) return frames;
      const headers = this.#held.toString('latin1', start, head);
      const length = /\ncontent-length:(\d+)/.exec(headers)?.[1];
      const body = head + 2;
      const end = length === undefined ? this.#held.indexOf(0, body) : body + Number(length);
      if (end < 0 || this.#held.length <= end) return frames;
      const [command = ''] = headers.split('\n', 1);
      frames.push({ command, body: this.#held.toString('utf8', body, end) });
      this.#held = this.#held.subarray(end + 1);
    }
  }
}
