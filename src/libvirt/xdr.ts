const WORD = 4;
const FIRST_SIZE = 256;

/** Bytes that violate the protocol, or a value that it cannot encode. */
export class XdrError extends Error {
  override readonly name = 'XdrError';
}

const padded = (length: number): number => Math.ceil(length / WORD) * WORD;

/** Builds XDR (RFC 4506): big-endian, everything padded to four bytes. */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  /** Everything written so far. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  int32(value: number): void {
    const at = this.#grow(WORD);
    this.#bytes.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.#grow(WORD);
    this.#bytes.writeUInt32BE(value, at);
  }

  int64(value: bigint): void {
    const at = this.#grow(2 * WORD);
    this.#bytes.writeBigInt64BE(value, at);
  }

  uint64(value: bigint): void {
    const at = this.#grow(2 * WORD);
    this.#bytes.writeBigUInt64BE(value, at);
  }

  float64(value: number): void {
    const at = this.#grow(2 * WORD);
    this.#bytes.writeDoubleBE(value, at);
  }

  /** Writes bytes without their length, padded with zeros. */
  opaque(bytes: Uint8Array): void {
    const at = this.#grow(padded(bytes.length));
    this.#bytes.set(bytes, at);
    this.#bytes.fill(0, at + bytes.length, this.#length);
  }

  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Reads XDR from `bytes`; throws {@link XdrError} if they end too early. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(WORD));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(WORD));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(2 * WORD));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(2 * WORD));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(2 * WORD));
  }

  /** Returns the next `length` bytes without copying them, and skips their padding. */
  opaque(length: number): Buffer {
    const at = this.#take(padded(length));
    return this.#bytes.subarray(at, at + length);
  }

  #take(size: number): number {
    if (size > this.remaining) {
      throw new XdrError(`The message ends ${size - this.remaining} bytes too early.`);
    }
    const at = this.#at;
    this.#at += size;
    return at;
  }
}
