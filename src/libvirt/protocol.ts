import {
  bool,
  double,
  hyper,
  int,
  list,
  mapped,
  optional,
  quantity,
  record,
  text,
  uhyper,
  uint,
  type Codec,
  type Value,
} from './codec.ts';
import { XdrError } from './xdr.ts';

const UUID_BYTES = 16;
const UUID_TEXT = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const UUID_GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
const DOMAINS_MAX = 16_384;
const PARAMETERS_MAX = 4096;
const MODEL_CHARACTERS = 32;

/** A UUID as lower-case text with hyphens. */
export const uuid: Codec<string> = {
  write(to, value) {
    if (!UUID_TEXT.test(value)) throw new XdrError(`'${value}' is not a UUID.`);
    to.opaque(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  read: (from) => from.opaque(UUID_BYTES).toString('hex').replace(UUID_GROUPS, '$1-$2-$3-$4-$5'),
};

/** A domain on the wire. The daemon finds it by UUID; `id` is -1 while it does not run. */
export const domain = record({ name: text, uuid, id: int });
export type DomainRef = Value<typeof domain>;

export const domains = list(domain, DOMAINS_MAX);

/** The payload of an error reply. */
export const remoteError = record({
  code: int,
  domain: int,
  message: optional(text),
  level: int,
  about: optional(domain),
  str1: optional(text),
  str2: optional(text),
  str3: optional(text),
  int1: int,
  int2: int,
});

export type ParameterValue = number | bigint | boolean | string;
/** `type` is virTypedParameterType: 1 int, 2 uint, 3 and 4 64-bit as bigint, 5 double, 6 boolean, 7 string. */
export interface TypedParameter {
  readonly field: string;
  readonly type: number;
  readonly value: ParameterValue;
}

const parameterTypes: ReadonlyMap<number, Codec<ParameterValue>> = new Map<number, Codec<unknown>>([
  [1, int],
  [2, uint],
  [3, hyper],
  [4, uhyper],
  [5, double],
  [6, bool],
  [7, text],
]) as ReadonlyMap<number, Codec<ParameterValue>>;

function parameterCodec(type: number): Codec<ParameterValue> {
  const codec = parameterTypes.get(type);
  if (codec) return codec;
  throw new XdrError(`A typed parameter is of the unknown type ${type}.`);
}

const typedParameter: Codec<TypedParameter> = {
  write(to, { field, type, value }) {
    text.write(to, field);
    to.int32(type);
    parameterCodec(type).write(to, value);
  },
  read(from) {
    const field = text.read(from);
    const type = from.int32();
    return { field, type, value: parameterCodec(type).read(from) };
  },
};

export const parameters = list(typedParameter, PARAMETERS_MAX);

/** Bulk statistics of one domain. */
export const statsRecord = record({ domain, parameters });
export const statsRecords = list(statsRecord, DOMAINS_MAX);

/** virDomainInfo: sizes in KiB, CPU time in nanoseconds. */
export const domainInfo = record({
  state: uint,
  maxMemory: quantity,
  memory: quantity,
  vcpus: uint,
  cpuTime: uhyper,
});
export type DomainInfo = Value<typeof domainInfo>;

/** virDomainControlInfo: virDomainControlState, and for how many milliseconds it has been so. */
export const controlInfo = record({ state: uint, details: uint, stateTime: quantity });

/** virDomainMemoryStat: KiB or a count; seconds for the last update. */
export const memoryStats = list(record({ tag: int, value: uhyper }), 1024);

/** The wire has one word per character of a fixed array. */
const model: Codec<string> = mapped(
  {
    write(to, characters: readonly number[]) {
      for (let i = 0; i < MODEL_CHARACTERS; i++) to.int32(characters[i] ?? 0);
    },
    read: (from) => Array.from({ length: MODEL_CHARACTERS }, () => from.int32() & 0xff),
  },
  (characters) => Buffer.from(characters).toString('latin1').replace(/\0.*$/s, ''),
  (value) => [...Buffer.from(value, 'latin1')],
);

/** virNodeInfo: memory in KiB. */
export const nodeInfo = record({
  model,
  memory: quantity,
  cpus: int,
  mhz: int,
  nodes: int,
  sockets: int,
  cores: int,
  threads: int,
});
export type NodeInfo = Value<typeof nodeInfo>;

/** virNodeMemoryStats by name: total, free, buffers, cached; KiB. */
export const nodeMemoryStats = record({
  values: list(record({ field: text, value: quantity }), 1024),
  count: int,
});
