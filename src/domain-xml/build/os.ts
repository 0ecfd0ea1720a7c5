import type { VmParameters } from './parameters.ts';
import { element, type Element } from '../element.ts';
import { checkedPath } from './path.ts';

const MACHINES = new Map([
  ['x86_64', 'q35'],
  ['aarch64', 'virt'],
  ['ppc64', 'pseries'],
  ['ppc64le', 'pseries'],
  ['s390x', 's390-ccw-virtio'],
]);

/** `<os>`: the machine type and what it boots, either a kernel or the disks; throws DomainXmlError. */
export const osElement = (parameters: VmParameters, arch: string, domainType: string): Element => {
  const { kernel, initrd, kernelArgs, emulatedMachine, disks = [] } = parameters;
  const machine = emulatedMachine ?? (domainType === 'test' ? undefined : MACHINES.get(arch));
  const bootable = kernel === undefined ? ['disk', 'cdrom'] : [];
  const boots = bootable
    .filter((kind) => disks.some(({ device = 'disk' }) => device === kind))
    .map((kind) => element('boot', { dev: kind === 'disk' ? 'hd' : kind }));
  return element(
    'os',
    {},
    element('type', { arch: domainType === 'test' ? undefined : arch, machine }, 'hvm'),
    kernel === undefined ? undefined : element('kernel', {}, checkedPath(kernel, 'the kernel')),
    initrd === undefined ? undefined : element('initrd', {}, checkedPath(initrd, 'the initrd')),
    kernelArgs === undefined ? undefined : element('cmdline', {}, kernelArgs),
    ...boots,
  );
};
