import type { Domain, MemoryDevice } from '../../src/domain-xml/types.ts';
import { KiB, MiB, toKiB } from '../../src/common/units.ts';

export const mib = (size: number): KiB => toKiB(MiB(size));

export const dimm = (size: number, alias?: string): MemoryDevice => ({
  model: 'dimm',
  size: mib(size),
  node: 0,
  ...(alias === undefined ? {} : { alias }),
});

/** DIMMs of these sizes, named dimm0, dimm1 … as libvirt does. */
export const dimms = (...sizes: readonly number[]): MemoryDevice[] =>
  sizes.map((size, index) => dimm(size, `dimm${index}`));

export interface VirtioMemSetup {
  readonly size: number;
  readonly requested: number;
  readonly block?: number;
}

/** virtio-mem devices, named virtiomem0, virtiomem1 … */
export const virtioMem = (...devices: readonly VirtioMemSetup[]): MemoryDevice[] =>
  devices.map(({ size, requested, block = 2 }, index) => ({
    model: 'virtio-mem',
    size: mib(size),
    node: 0,
    alias: `virtiomem${index}`,
    virtioMem: { block: mib(block), requested: mib(requested), current: mib(0) },
  }));

/** A running VM of 1 GiB boot memory with these devices; `<memory>` counts all of each, as libvirt's does. */
export const vmWith = (
  memoryDevices: readonly MemoryDevice[],
  changes: Partial<Domain> & { readonly boot?: number } = {},
): Domain => {
  const { boot = 1024, ...others } = changes;
  const memory = memoryDevices.reduce((sum, { size }) => KiB(sum + size), mib(boot));
  return {
    uuid: '00000000-0000-4000-8000-000000000001',
    name: 'x',
    type: 'kvm',
    arch: 'x86_64',
    machine: 'q35',
    vcpus: 1,
    hasAcpi: true,
    memory,
    currentMemory: memory,
    maxMemory: { size: mib(16384), slots: 16 },
    numaCells: 1,
    memoryDevices,
    devicesHash: '',
    ...others,
  };
};

/** Every set of so many devices, as the indexes of its members, the youngest first; sets with younger ones come first. */
export const setsOf = (count: number): number[][] =>
  count === 0 ?
    [[]]
  : [...setsOf(count - 1).map((others) => [count - 1, ...others]), ...setsOf(count - 1)];

export const sum = (sizes: readonly number[]): number =>
  sizes.reduce((one, other) => one + other, 0);
