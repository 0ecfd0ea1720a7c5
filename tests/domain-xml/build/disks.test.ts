import { expect, test } from '@jest/globals';
import { diskElements } from '../../../src/domain-xml/build/disks.ts';
import { find } from '../../../src/domain-xml/element.ts';

const target = (position: number, disks: Parameters<typeof diskElements>[0]) => {
  const disk = diskElements(disks)[position];
  return disk && Object.fromEntries(find(disk, 'target')?.attributes ?? []);
};

test('devices are named by bus, and buses with the same prefix share its letters', () => {
  const path = '/d';
  const disks = [
    { path },
    { path, bus: 'sata' },
    { path, bus: 'usb' },
    { path },
    { path, bus: 'ide' },
    { path, device: 'cdrom' },
  ] as const;
  expect(disks.map((_, i) => target(i, disks)?.['dev'])).toEqual([
    'vda',
    'sda',
    'sdb',
    'vdb',
    'hda',
    'sdc',
  ]);
  expect(target(5, disks)?.['bus']).toBe('sata');
});

test('the names after z are aa and ab, after zz aaa', () => {
  const disks = Array.from({ length: 703 }, () => ({ path: '/d' }));
  expect([25, 26, 27, 701, 702].map((i) => target(i, disks)?.['dev'])).toEqual([
    'vdz',
    'vdaa',
    'vdab',
    'vdzz',
    'vdaaa',
  ]);
});

test('a cdrom is read-only by default, a disk is not', () => {
  const isReadonly = (disk: Parameters<typeof diskElements>[0][number]) =>
    diskElements([disk]).some((made) => find(made, 'readonly'));
  expect(isReadonly({ path: '/d', device: 'cdrom' })).toBe(true);
  expect(isReadonly({ path: '/d', device: 'cdrom', readonly: false })).toBe(false);
  expect(isReadonly({ path: '/d' })).toBe(false);
});

test('one SCSI controller serves all SCSI disks', () => {
  const names = (disks: Parameters<typeof diskElements>[0]) =>
    diskElements(disks).map(({ name }) => name);
  const scsi = { path: '/d', bus: 'scsi' } as const;
  expect(names([scsi, scsi])).toEqual(['disk', 'disk', 'controller']);
  expect(names([{ path: '/d' }])).toEqual(['disk']);
});

test.each(['', 'disk.img', '../etc/shadow', '/a\nb', '/a\0'])(
  'the path "%s" is refused',
  (path) => {
    expect(() => diskElements([{ path }])).toThrow("a disk's path must be absolute");
  },
);
