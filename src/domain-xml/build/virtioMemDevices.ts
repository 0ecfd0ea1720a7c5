import type { VmParameters } from './parameters.ts';
import { MiB, type KiB } from '../../common/units.ts';
import type { MemoryDeviceDescription } from '../memoryDevice.ts';
import { DomainXmlError } from '../types.ts';
import { size } from './size.ts';
import { userAlias } from './alias.ts';

type Device = NonNullable<VmParameters['devices']>[number];

const MODEL = 'virtio-mem';
/** The smallest block that QEMU accepts: a huge page. */
const LEAST_BLOCK = MiB(2);

/** The checked virtio-mem devices of a VM; throws {@link DomainXmlError}. */
export const virtioMemDevices = ({
  devices = [],
  guestNumaNodes = [],
}: VmParameters): MemoryDeviceDescription[] =>
  devices
    .filter(({ type, model }) => type === 'memory' && model === MODEL)
    .map((device) => described(device, Math.max(1, guestNumaNodes.length)));

const described = (device: Device, nodes: number): MemoryDeviceDescription => {
  const { node = 0, ...sizes } = device.specParams ?? {};
  const block = blockSize(sizes.block ?? LEAST_BLOCK);
  const whole = size(sizes.size ?? MiB(0), "a virtio-mem device's size");
  const requested = size(sizes.requested ?? MiB(0), "a virtio-mem device's requested");
  if (whole === 0) {
    throw new DomainXmlError('a virtio-mem device has no size; give specParams.size in MiB');
  }
  if (whole % block !== 0 || requested % block !== 0) {
    throw new DomainXmlError(
      `a virtio-mem device's size and requested must be whole blocks of ${String(block / 1024)} MiB; correct them`,
    );
  }
  if (requested > whole) {
    throw new DomainXmlError("a virtio-mem device's requested is above its size; lower it");
  }
  if (node >= nodes) {
    throw new DomainXmlError(
      `a virtio-mem device is on NUMA node ${String(node)}, but the VM has ${String(nodes)}; correct its node`,
    );
  }
  const alias = userAlias(device);
  return {
    model: MODEL,
    size: whole,
    node,
    virtioMem: { block, requested },
    ...(alias !== undefined && { alias }),
  };
};

const blockSize = (block: MiB): KiB => {
  if (block >= LEAST_BLOCK && Number.isInteger(Math.log2(block))) return size(block, 'a block');
  throw new DomainXmlError(
    `a virtio-mem device's block is ${String(block)} MiB; give 2, 4, 8 or another power of two`,
  );
};
