import type { Codec } from './codec.ts';
import { XdrWriter } from './xdr.ts';

/** libvirt's main RPC program; its version is 1. */
export const REMOTE_PROGRAM = 0x2000_8086;
/** The RPC program of keepalive messages; its version is 1. */
export const KEEPALIVE_PROGRAM = 0x6b65_6570;
export const PROGRAM_VERSION = 1;

export const messageType = { call: 0, reply: 1, message: 2, stream: 3 } as const;
export const messageStatus = { ok: 0, error: 1, continue: 2 } as const;

export interface Header {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** One message; `payload` is a view of the received bytes, valid until the next read. */
export interface Packet extends Header {
  readonly payload: Buffer;
}

const LENGTH_BYTES = 4;
const HEADER_BYTES = 28;
/** The largest packet in bytes, including its length word: libvirt's 32 MiB. */
export const PACKET_MAX = 32 * 1024 * 1024 + LENGTH_BYTES;

/** The byte stream violates libvirt's protocol and cannot be read further. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
}

function checkedLength(length: number): number {
  if (length >= HEADER_BYTES && length <= PACKET_MAX) return length;
  throw new PacketError(
    `A packet of ${length} bytes is not between ${HEADER_BYTES} and ${PACKET_MAX}.`,
  );
}

/** Encodes one message; throws {@link PacketError} if it is too large, XdrError if `value` cannot be encoded. */
export function encodePacket<T>(header: Header, codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  writer.uint32(0);
  writer.uint32(header.program);
  writer.uint32(header.version);
  writer.int32(header.procedure);
  writer.int32(header.type);
  writer.uint32(header.serial);
  writer.int32(header.status);
  codec.write(writer, value);
  const bytes = writer.bytes;
  bytes.writeUInt32BE(checkedLength(bytes.length));
  return bytes;
}

function decodePacket(bytes: Buffer): Packet {
  return {
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readInt32BE(12),
    type: bytes.readInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readInt32BE(24),
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/** Splits a byte stream into packets. Each byte is copied at most three times, and chunks are not kept. */
export class PacketReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = LENGTH_BYTES;

  /** Returns the packets that `chunk` completes; throws {@link PacketError} for an impossible length. */
  *push(chunk: Buffer): Generator<Packet, void, undefined> {
    this.#size += chunk.length;
    if (this.#size < this.#needed) {
      this.#chunks.push(Buffer.from(chunk));
      return;
    }
    let rest =
      this.#chunks.length === 0 ? chunk : Buffer.concat([...this.#chunks, chunk], this.#size);
    let needed = LENGTH_BYTES;
    while (rest.length >= needed) {
      needed = checkedLength(rest.readUInt32BE(0));
      if (rest.length < needed) break;
      yield decodePacket(rest.subarray(0, needed));
      rest = rest.subarray(needed);
      needed = LENGTH_BYTES;
    }
    this.#chunks = rest.length > 0 ? [Buffer.from(rest)] : [];
    this.#size = rest.length;
    this.#needed = needed;
  }
}
