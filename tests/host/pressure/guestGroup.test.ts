import { expect, test } from '@jest/globals';
import { guestGroups } from '../../../src/host/pressure/guestGroup.ts';

const machined = (id: number): string =>
  `0::/machine.slice/machine-qemu\\x2d${String(id)}\\x2dweb.scope/libvirt/emulator\n`;

test.each([
  ['guests of systemd-machined', [machined(1), machined(2)], 'sys/fs/cgroup/machine.slice'],
  ['a single guest', [machined(1)], 'sys/fs/cgroup/machine.slice'],
  [
    'guests of libvirt without systemd',
    ['0::/machine/qemu-1-web.libvirt-qemu/emulator\n'],
    'sys/fs/cgroup/machine',
  ],
  [
    'guests in slices below one',
    [machined(1), '0::/machine.slice/machine-gold.slice/machine-qemu\\x2d2\\x2ddb.scope\n'],
    'sys/fs/cgroup/machine.slice',
  ],
  ['guests with nothing in common', [machined(1), '0::/user.slice/a\n'], 'sys/fs/cgroup'],
  ['a guest in the group of its container', ['0::/\n'], 'sys/fs/cgroup'],
  [
    'a guest without a group of its own',
    ['0::/system.slice/libvirtd.service\n'],
    'sys/fs/cgroup/system.slice/libvirtd.service',
  ],
  [
    'version 1, beside version 2 for other resources',
    ['9:name=systemd:/\n4:memory:/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n0::/\n'],
    'sys/fs/cgroup/memory/machine.slice',
  ],
  [
    'version 1 with joined controllers',
    ['4:cpuset,memory:/machine\n'],
    'sys/fs/cgroup/memory/machine',
  ],
])('%s are below one folder', (_, texts, folder) => {
  expect(guestGroups(texts)).toEqual([folder]);
});

test('a group outside the container of vmemd is not known', () => {
  expect(guestGroups(['0::/../machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n'])).toEqual([]);
});

test('what is no list of groups has none', () => {
  expect(guestGroups(['nonsense'])).toEqual([]);
});

test("before the first guest it is systemd-machined's, of either version", () => {
  expect(guestGroups([])).toEqual([
    'sys/fs/cgroup/machine.slice',
    'sys/fs/cgroup/memory/machine.slice',
  ]);
});
