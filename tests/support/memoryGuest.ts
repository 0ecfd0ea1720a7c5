import { World } from './world.ts';
import type { WorldOptions } from './worldOptions.ts';

export interface GuestSetup extends WorldOptions {
  /** What kind of guest it is: words of the simulated host's kernel command line. */
  readonly words?: string;
  /** Devices plugged already, in MiB. */
  readonly devices?: readonly number[];
  /** A virtio-mem device of that size in blocks of 2 MiB, of which nothing is in use yet. */
  readonly virtioMem?: number;
  readonly vm?: object;
}

export interface JobOnWire {
  readonly job_id: string;
  readonly flow_id: string;
  readonly state: string;
  readonly changes: readonly Readonly<Record<string, unknown>>[];
}

/** A VM of 1 GiB with these devices, and what is asked of its memory. */
export async function openGuest({
  words,
  devices = [],
  virtioMem,
  vm = {},
  ...options
}: GuestSetup = {}) {
  const world = await World.open(options);
  const kernel =
    words === undefined ? {} : { kernel: '/vmlinuz', kernelArgs: `vmemd.sim=${words}` };
  const vmID = await world.boot(1, { ...kernel, ...vm });
  for (const size of devices) await world.plug(vmID, size);
  if (virtioMem !== undefined) await world.host.attachDevice(vmID, virtioMemXml(virtioMem));
  if (devices.length > 0 || virtioMem !== undefined) await world.sampled();
  world.told.length = 0;
  const ask = (verb: string, params: object = {}) => world.call(`VM.${verb}`, { vmID, ...params });
  const job = (params: object = {}) => ask('getMemoryJob', params) as Promise<JobOnWire>;
  return {
    world,
    vmID,
    guest: world.host.guest(vmID),
    ask,
    job,
    unplug: (alias = 'dimm0', changes: object = {}) =>
      ask('hotunplugMemory', { params: { vmId: vmID, memory: { alias }, ...changes } }),
    plug: (size = 128, changes: object = {}) =>
      ask('hotplugMemory', { params: { vmId: vmID, memory: { size, node: 0 }, ...changes } }),
    set: (params: object) => ask('setMemory', params),
    /** How the only change of the newest job about a device stands. */
    outcome: async (alias = 'dimm0') =>
      (await job({ alias })).changes.find((change) => change['alias'] === alias),
    devices: () => ask('getMemoryDevices') as Promise<readonly Readonly<Record<string, unknown>>[]>,
    /** The states that events told of jobs, in their order. */
    told: () =>
      world
        .news('memory', vmID)
        .filter(({ event }) => event === 'memory-job')
        .map(({ job: told }) => told as JobOnWire)
        .map(({ state, changes }) =>
          [state, ...changes.map((change) => change['state'])].join(' '),
        ),
    guaranteed: async () => Number((await world.balloon(vmID))['balloon_min']) / 1024,
    audit: () => world.lines.filter((line) => line['event'] === 'memory_job'),
  };
}

const virtioMemXml = (size: number): string =>
  `<memory model='virtio-mem'><target><size unit='MiB'>${String(size)}</size><node>0</node>` +
  "<block unit='MiB'>2</block><requested>0</requested></target></memory>";
