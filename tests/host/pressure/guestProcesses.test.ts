import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { GuestProcessReader } from '../../../src/host/pressure/guestProcesses.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { HostFiles } from '../../../src/host/report/files.ts';
import { rootWith } from '../../support/procfs.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const MIB = 1024;

const processFiles = (pid: number, name: string, file = 0, group = '0::/\n') => ({
  [`proc/${String(pid)}/comm`]: `${name}\n`,
  [`proc/${String(pid)}/status`]: `Name:\t${name}\nVmSize:\t  ${String(2000 * MIB)} kB\nRssFile:\t  ${String(file)} kB\n`,
  [`proc/${String(pid)}/cgroup`]: group,
});

function reading(files: Readonly<Record<string, string>>) {
  const root = rootWith(files);
  const clock = new VirtualClock();
  return { root, clock, reader: new GuestProcessReader(new HostFiles(root), clock) };
}

test('adds up the guests of all emulators, and nothing of other programs', async () => {
  const { reader } = reading({
    ...processFiles(10, 'qemu-system-x86', 1064 * MIB, '0::/vms/a\n'),
    ...processFiles(11, 'qemu-kvm', 24 * MIB, '0::/vms/b\n'),
    ...processFiles(12, 'virtqemud', 500 * MIB),
    ...processFiles(13, 'qemu-nbd', 500 * MIB),
    'proc/self/comm': 'node\n',
  });
  await expect(reader.read()).resolves.toEqual({
    fileBacked: 1000 * MIB,
    shareable: 4000 * MIB,
    groups: ['sys/fs/cgroup/vms'],
  });
});

test('a machine without guests has none', async () => {
  await expect(reading({}).reader.read()).resolves.toEqual({
    fileBacked: 0,
    shareable: 0,
    groups: ['sys/fs/cgroup/machine.slice', 'sys/fs/cgroup/memory/machine.slice'],
  });
});

test('guests that end are gone at once, those that start are found within 30 s', async () => {
  const { root, clock, reader } = reading({
    ...processFiles(10, 'qemu-system-x86'),
    ...processFiles(11, 'qemu-system-x86'),
    ...processFiles(12, 'libvirtd'),
  });
  await expect(reader.read()).resolves.toMatchObject({ shareable: 4000 * MIB });
  rmSync(join(root, 'proc/10'), { recursive: true });
  for (const [path, text] of Object.entries(processFiles(12, 'qemu-system-x86'))) {
    writeFileSync(join(root, path), text);
  }
  await expect(reader.read()).resolves.toMatchObject({ shareable: 2000 * MIB });
  await clock.advance(Milliseconds(30_000));
  await expect(reader.read()).resolves.toMatchObject({ shareable: 4000 * MIB });
});

test('looks for the group of the guests only when it looks for guests', async () => {
  const { root, clock, reader } = reading(processFiles(10, 'qemu-system-x86', 0, '0::/vms/a\n'));
  await reader.read();
  writeFileSync(join(root, 'proc/10/cgroup'), '0::/others/a\n');
  await expect(reader.read()).resolves.toMatchObject({ groups: ['sys/fs/cgroup/vms/a'] });
  await clock.advance(Milliseconds(30_000));
  await expect(reader.read()).resolves.toMatchObject({ groups: ['sys/fs/cgroup/others/a'] });
});

test('who reads while the guests are searched for waits for the search', async () => {
  const { reader } = reading(processFiles(10, 'qemu-system-x86', 1064 * MIB, '0::/vms/a\n'));
  const both = await Promise.all([reader.read(), reader.read()]);
  const found = { fileBacked: 1000 * MIB, shareable: 2000 * MIB, groups: ['sys/fs/cgroup/vms/a'] };
  expect(both).toEqual([found, found]);
});
