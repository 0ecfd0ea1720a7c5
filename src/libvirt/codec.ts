import { XdrError, type XdrReader, type XdrWriter } from './xdr.ts';

/** Encodes and decodes one type of value; both methods throw {@link XdrError}. */
export interface Codec<T> {
  write(to: XdrWriter, value: T): void;
  read(from: XdrReader): T;
}

/** The type of a codec's values. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** libvirt's limit for one string, in bytes. */
const TEXT_MAX = 4 * 1024 * 1024;
const MINIMUM_ITEM_BYTES = 4;
const UINT32_MAX = 0xffff_ffff;

function whole(value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new XdrError(`${value} is not a whole number from ${minimum} to ${maximum}.`);
}

/** Encodes nothing. */
export const nothing: Codec<undefined> = { write: () => undefined, read: () => undefined };

export const int: Codec<number> = {
  write: (to, value) => to.int32(whole(value, -0x8000_0000, 0x7fff_ffff)),
  read: (from) => from.int32(),
};

export const uint: Codec<number> = {
  write: (to, value) => to.uint32(whole(value, 0, UINT32_MAX)),
  read: (from) => from.uint32(),
};

export const hyper: Codec<bigint> = {
  write: (to, value) => to.int64(value),
  read: (from) => from.int64(),
};

export const uhyper: Codec<bigint> = {
  write: (to, value) => to.uint64(value),
  read: (from) => from.uint64(),
};

/** An unsigned 64-bit quantity as a number; exact up to 2^53, which sizes in KiB do not exceed. */
export const quantity: Codec<number> = {
  write: (to, value) => to.uint64(BigInt(whole(value, 0, Number.MAX_SAFE_INTEGER))),
  read: (from) => from.uint32() * (UINT32_MAX + 1) + from.uint32(),
};

export const double: Codec<number> = {
  write: (to, value) => to.float64(value),
  read: (from) => from.float64(),
};

export const bool: Codec<boolean> = {
  write: (to, value) => to.int32(value ? 1 : 0),
  read: (from) => from.int32() !== 0,
};

/** UTF-8 text of at most 4 MiB. Refuses NUL, where the daemon would cut the text. */
export const text: Codec<string> = {
  write(to, value) {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > TEXT_MAX) {
      throw new XdrError(`A text of ${bytes.length} bytes is longer than libvirt's limit.`);
    }
    if (bytes.includes(0)) throw new XdrError('A text holds a NUL character; remove it.');
    to.uint32(bytes.length);
    to.opaque(bytes);
  },
  read(from) {
    const length = from.uint32();
    if (length > TEXT_MAX)
      throw new XdrError(`A text has a length of ${length} bytes, more than libvirt's limit.`);
    return from.opaque(length).toString('utf8');
  },
};

/** An optional value; undefined differs from empty. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    write(to, value) {
      to.uint32(value === undefined ? 0 : 1);
      if (value !== undefined) codec.write(to, value);
    },
    read: (from) => (from.uint32() === 0 ? undefined : codec.read(from)),
  };
}

/** A list of up to `maximum` items; refuses an impossible count before it allocates memory. */
export function list<T>(codec: Codec<T>, maximum: number): Codec<readonly T[]> {
  return {
    write(to, items) {
      if (items.length > maximum) {
        throw new XdrError(`${items.length} items are more than ${maximum}.`);
      }
      to.uint32(items.length);
      for (const item of items) codec.write(to, item);
    },
    read(from) {
      const count = from.uint32();
      if (count > maximum || count * MINIMUM_ITEM_BYTES > from.remaining) {
        throw new XdrError(`A list has an impossible count of ${count} items.`);
      }
      return Array.from({ length: count }, () => codec.read(from));
    },
  };
}

/** A structure whose fields are encoded in the given order. */
export function record<F extends Record<string, Codec<unknown>>>(
  fields: F,
): Codec<{ readonly [K in keyof F]: Value<F[K]> }> {
  type Fields = { readonly [K in keyof F]: Value<F[K]> };
  const entries = Object.entries(fields);
  return {
    write(to, value: Readonly<Record<string, unknown>>) {
      for (const [key, codec] of entries) codec.write(to, value[key]);
    },
    read(from) {
      const value: Record<string, unknown> = {};
      for (const [key, codec] of entries) value[key] = codec.read(from);
      return value as Fields;
    },
  };
}

/** Converts a codec's values to another type. */
export function mapped<T, U>(
  codec: Codec<T>,
  decode: (value: T) => U,
  encode: (value: U) => T,
): Codec<U> {
  return {
    write: (to, value) => codec.write(to, encode(value)),
    read: (from) => decode(codec.read(from)),
  };
}
