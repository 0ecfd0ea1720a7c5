import type { VmParameters } from './parameters.ts';
import { element, type Element } from '../element.ts';
import { checkedPath } from './path.ts';

type Disk = NonNullable<VmParameters['disks']>[number];

// Buses with the same prefix share its letters, as device names are unique in a domain.
const PREFIXES = { virtio: 'vd', sata: 'sd', scsi: 'sd', usb: 'sd', ide: 'hd' } as const;

/** Returns one `<disk>` per disk, in order, and a SCSI controller if one needs it; throws DomainXmlError. */
export const diskElements = (disks: readonly Disk[]): Element[] => {
  const used = new Map<string, number>();
  const elements = disks.map((disk) => {
    const isCdrom = disk.device === 'cdrom';
    const bus = disk.bus ?? (isCdrom ? 'sata' : 'virtio');
    const prefix = PREFIXES[bus];
    const position = used.get(prefix) ?? 0;
    used.set(prefix, position + 1);
    return diskElement(disk, bus, prefix + letters(position));
  });
  const needsScsi = disks.some((disk) => disk.bus === 'scsi');
  return needsScsi ?
      [...elements, element('controller', { type: 'scsi', model: 'virtio-scsi' })]
    : elements;
};

const diskElement = (disk: Disk, bus: string, dev: string): Element => {
  const { device = 'disk', format = 'raw' } = disk;
  const path = checkedPath(disk.path, "a disk's path");
  const isBlock = path.startsWith('/dev/');
  return element(
    'disk',
    { type: isBlock ? 'block' : 'file', device },
    element('driver', { name: 'qemu', type: format }),
    element('source', isBlock ? { dev: path } : { file: path }),
    element('target', { dev, bus }),
    (disk.readonly ?? device === 'cdrom') ? element('readonly') : undefined,
  );
};

const ALPHABET = 26;

/** a … z, aa, ab …, as disks are named. */
const letters = (position: number): string => {
  const last = String.fromCharCode('a'.charCodeAt(0) + (position % ALPHABET));
  return position < ALPHABET ? last : letters(Math.floor(position / ALPHABET) - 1) + last;
};
