import { XMLParser } from 'fast-xml-parser';

/** A memory device as the host has it; sizes in KiB. */
export interface HostDevice {
  readonly alias: string;
  readonly model: string;
  readonly size: number;
  readonly base?: string;
  /** Of virtio-mem only. */
  readonly block?: number;
  readonly requested?: number;
  readonly current?: number;
}

/** What a domain's XML says of its memory; sizes in KiB, what is absent there is absent here. */
export interface HostDomain {
  /** Boot memory and DIMMs. */
  readonly memory: number;
  /** Boot memory, DIMMs, and what virtio-mem devices are asked for. */
  readonly provided: number;
  readonly devices: readonly HostDevice[];
  /** In MiB. */
  readonly guaranteed?: number;
  /** In seconds: what the balloon is asked for, and what a client chose. */
  readonly statsPeriod?: number;
  readonly chosenPeriod?: number;
  /** What vmemd keeps of its operations. */
  readonly record?: string;
}

/** An element as the parser gives it. */
interface Node {
  readonly [name: string]: string | Node | readonly Node[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  alwaysCreateTextNode: true,
  isArray: (_, path) => path === 'domain.devices.memory',
});

const KIB: Readonly<Record<string, number>> = { KiB: 1, MiB: 1024, GiB: 1024 ** 2 };

const nodeAt = (node: Node | undefined, ...path: string[]): Node | undefined =>
  path.reduce<Node | undefined>((at, name) => at?.[name] as Node | undefined, node);

const textOf = (node: Node | undefined, name = '#text'): string | undefined =>
  node?.[name] as string | undefined;

const sizeOf = (node: Node | undefined): number | undefined =>
  node && Number(textOf(node)) * (KIB[textOf(node, '@unit') ?? 'KiB'] ?? NaN);

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

function deviceOf(node: Node): HostDevice {
  const target = nodeAt(node, 'target');
  const base = textOf(nodeAt(node, 'address'), '@base');
  const [block, requested, current] = ['block', 'requested', 'current'].map((name) =>
    sizeOf(nodeAt(target, name)),
  );
  return {
    alias: textOf(nodeAt(node, 'alias'), '@name') ?? '',
    model: textOf(node, '@model') ?? '',
    size: sizeOf(nodeAt(target, 'size')) ?? NaN,
    ...(base !== undefined && { base }),
    ...(block !== undefined && { block, requested: requested ?? 0, current: current ?? 0 }),
  };
}

/** Reads a domain's XML without the code under test. */
export function readHostDomain(xml: string): HostDomain {
  const { domain } = parser.parse(xml) as { readonly domain: Node };
  const devices = (nodeAt(domain, 'devices')?.['memory'] ?? []) as readonly Node[];
  const memoryDevices = devices.map(deviceOf);
  const memory = memoryDevices
    .filter(({ model }) => model !== 'dimm')
    .reduce((rest, { size }) => rest - size, sizeOf(nodeAt(domain, 'memory')) ?? NaN);
  const vm = nodeAt(domain, 'metadata', 'vm');
  const kept = (name: string): string | undefined => textOf(nodeAt(vm, name));
  const facts = {
    guaranteed: numberOf(kept('memGuaranteedSize') ?? kept('minGuaranteedMemoryMb')),
    statsPeriod: numberOf(textOf(nodeAt(domain, 'devices', 'memballoon', 'stats'), '@period')),
    chosenPeriod: numberOf(kept('memStatsPeriod')),
    record: kept('memoryJobs'),
  };
  return {
    memory,
    provided: memoryDevices.reduce((sum, { requested = 0 }) => sum + requested, memory),
    devices: memoryDevices,
    ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
  };
}

/** The XML of a DIMM of that size, in MiB, as another program than vmemd plugs it. */
export const dimmXml = (size: number): string =>
  `<memory model='dimm'><target><size unit='MiB'>${String(size)}</size><node>0</node></target></memory>`;
