import { isDeepStrictEqual } from 'node:util';
import type { Codec } from '../../../src/libvirt/codec.ts';
import { decodeEvent, events } from '../../../src/libvirt/events.ts';
import { procedures } from '../../../src/libvirt/procedures.ts';
import { XdrError, XdrReader, XdrWriter } from '../../../src/libvirt/xdr.ts';
import { growth } from '../growth.ts';
import type { Target, Verdict } from '../target.ts';
import { someBytes, wires } from '../wireValues.ts';

interface Input {
  readonly wire: string;
  /** In base64. */
  readonly bytes: string;
  readonly isIntact: boolean;
}

const names = [...wires.keys()];

/** The codecs of libvirt's replies, events and errors: a value or an XdrError, and what is written is read back. */
export const xdr: Target<Input> = {
  name: 'xdr',
  weight: 60,
  make: (random) => {
    const wire = random.pick(names);
    const { bytes, isIntact } = someBytes(random, wireOf(wire));
    return { wire, bytes: bytes.toString('base64'), isIntact };
  },
  open: (size) =>
    Promise.resolve({ judge, close: () => Promise.resolve(growth(SHAPES, decodeList, size)) }),
};

const wireOf = (name: string) => {
  const found = wires.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

function judge({ wire, bytes: encoded, isIntact }: Input): Verdict {
  const bytes = Buffer.from(encoded, 'base64');
  const { codec } = wireOf(wire);
  const read = reading(codec, bytes);
  if (wire.startsWith('event:')) judgeEvent(wire.slice('event:'.length), bytes);
  if (isIntact) {
    if (!read || read.left > 0) return 'a value of the codec itself is refused';
    return encodedAgain(codec, read.value)?.equals(bytes) ?
        undefined
      : 'other bytes are written than were read';
  }
  const again = read && encodedAgain(codec, read.value);
  if (!again) return undefined;
  const second = reading(codec, again);
  return second?.left === 0 && isDeepStrictEqual(second.value, read.value) ?
      undefined
    : 'what is written is not read back';
}

/** Returns the value and how many bytes are left; undefined if the bytes are refused. */
function reading(codec: Codec<unknown>, bytes: Buffer) {
  const reader = new XdrReader(bytes);
  try {
    return { value: codec.read(reader), left: reader.remaining };
  } catch (error) {
    if (error instanceof XdrError) return undefined;
    throw error;
  }
}

/** Returns the value's bytes; undefined if it cannot be written, as a text with NUL. */
function encodedAgain(codec: Codec<unknown>, value: unknown): Buffer | undefined {
  const writer = new XdrWriter();
  try {
    codec.write(writer, value);
    return Buffer.from(writer.bytes);
  } catch (error) {
    if (error instanceof XdrError) return undefined;
    throw error;
  }
}

function judgeEvent(kind: string, payload: Buffer): void {
  const { procedure } = events[kind as keyof typeof events];
  const header = { program: 0, version: 1, type: 2, serial: 0, status: 0 };
  try {
    decodeEvent({ ...header, procedure, payload: Buffer.concat([Buffer.alloc(4), payload]) });
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
  }
}

const dom = { name: 'a', uuid: '00000000-0000-0000-0000-000000000000', id: 1 };
const listOf = (length: number) => ({ domains: Array.from({ length }, () => dom), count: 1 });

const SHAPES: Readonly<Record<string, (size: number) => Buffer>> = {
  domains: (n) => {
    const writer = new XdrWriter();
    procedures.connectListAllDomains.result.write(writer, listOf(n));
    return Buffer.from(writer.bytes);
  },
  'parts of a list that ends early': (n) => {
    const writer = new XdrWriter();
    procedures.connectListAllDomains.result.write(writer, listOf(n));
    return Buffer.from(writer.bytes.subarray(0, -9));
  },
};

function decodeList(bytes: Buffer): void {
  for (let turn = 0; turn < 20; turn++) reading(procedures.connectListAllDomains.result, bytes);
}
