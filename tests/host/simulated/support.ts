import type { HostEvent } from '../../../src/host/hypervisor.ts';
import {
  createSimulatedHost,
  type SimulationOptions,
} from '../../../src/host/simulated/simulatedHost.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

export const MIB = 1024;
export const GIB = 1024 * MIB;

export interface Wanted {
  readonly n?: number;
  readonly name?: string;
  readonly memory?: number;
  readonly current?: number;
  readonly maxMemory?: { readonly size: number; readonly slots: number };
  readonly cells?: number;
  readonly cmdline?: string;
  readonly balloon?: string;
  readonly devices?: string;
}

export const uuidOf = (n: number): string =>
  `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** A domain of 1 GiB that can grow to 4 GiB by default; memory in KiB. */
export function domainXml(wanted: Wanted = {}): string {
  const { n = 1, memory = GIB, maxMemory = { size: 4 * GIB, slots: 16 }, cells = 1 } = wanted;
  const boot = memory - pluggedBy(wanted.devices ?? '');
  return `<domain type='kvm'>
  <name>${wanted.name ?? `vm${String(n)}`}</name>
  <uuid>${uuidOf(n)}</uuid>
  <maxMemory slots='${String(maxMemory.slots)}' unit='KiB'>${String(maxMemory.size)}</maxMemory>
  <memory unit='KiB'>${String(memory)}</memory>
  <currentMemory unit='KiB'>${String(wanted.current ?? memory)}</currentMemory>
  <memtune><min_guarantee unit='KiB'>524288</min_guarantee></memtune>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><cmdline>${wanted.cmdline ?? ''}</cmdline></os>
  ${cpuOf(cells, boot)}
  <devices>${wanted.devices ?? ''}${wanted.balloon ?? "<memballoon model='virtio'><stats period='2'/></memballoon>"}</devices>
</domain>`;
}

/** The sizes of memory devices in KiB. */
const pluggedBy = (devices: string): number =>
  [...devices.matchAll(/<size unit='KiB'>(\d+)</g)].reduce(
    (sum, [, size]) => sum + Number(size),
    0,
  );

const cpuOf = (cells: number, memory: number): string =>
  cells === 0 ? '' : `<cpu><numa>${cellsOf(cells, memory)}</numa></cpu>`;

const cellsOf = (count: number, memory: number): string =>
  Array.from(
    { length: count },
    (_, n) => `<cell id='${String(n)}' memory='${String(memory / count)}' unit='KiB'/>`,
  ).join('');

export const dimmXml = (size: number, inside = ''): string =>
  `<memory model='dimm'><target><size unit='KiB'>${String(size)}</size><node>0</node></target>${inside}</memory>`;

/** A virtio-mem device of 1 GiB in blocks of 2 MiB by default; memory in KiB. */
export const virtioMemXml = ({ size = GIB, block = 2 * MIB, requested = 0, inside = '' } = {}) =>
  `<memory model='virtio-mem'><target><size unit='KiB'>${String(size)}</size><node>0</node><block unit='KiB'>${String(block)}</block><requested unit='KiB'>${String(requested)}</requested></target>${inside}</memory>`;

/** Opens a host on a virtual clock and records its events. */
export async function openHost(options: SimulationOptions = {}) {
  const clock = new VirtualClock();
  const host = createSimulatedHost({ clock, ...options });
  const events: HostEvent[] = [];
  host.listen((event) => events.push(event));
  await host.open();
  const seconds = (n: number): Promise<void> => clock.advance(Milliseconds(n * 1000));
  return { clock, host, events, seconds };
}

/** Opens such a host with one booted guest. */
export async function bootGuest(wanted: Wanted = {}, options: SimulationOptions = {}) {
  const opened = await openHost(options);
  const { uuid } = await opened.host.createDomain(domainXml(wanted), { paused: false });
  await opened.seconds(5);
  opened.events.length = 0;
  const sample = async () => {
    const found = (await opened.host.sampleAll()).get(uuid);
    if (!found) throw new Error('there is no sample');
    return found;
  };
  return { ...opened, uuid, sample };
}
