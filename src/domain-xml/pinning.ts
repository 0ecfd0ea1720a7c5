import { childrenNamed, find, type Element } from './element.ts';
import type { Domain } from './types.ts';

/** Returns why a balloon frees nothing on the host; undefined if it does. */
export function pinningOf(domain: Element, devices: Element): Domain['pinned'] {
  const backing = find(domain, 'memoryBacking');
  if (find(domain, 'memoryBacking', 'hugepages')) return 'hugepages';
  if (backing && childrenNamed(backing, 'locked').length > 0) return 'locked';
  // QEMU locks the memory of encrypted guests.
  if (find(domain, 'launchSecurity')) return 'locked';
  return hasVfio(devices) ? 'assigned-device' : undefined;
}

/** Whether a device of the host reads and writes the guest's memory by itself, which QEMU locks for that. */
const hasVfio = (devices: Element): boolean =>
  (
    [
      ['hostdev', ['pci', 'mdev']],
      ['interface', ['hostdev', 'vdpa']],
      ['disk', ['nvme', 'vhostvdpa']],
    ] as const
  ).some(([name, types]) =>
    childrenNamed(devices, name).some(({ attributes }) =>
      (types as readonly (string | undefined)[]).includes(attributes.get('type')),
    ),
  );
