import { expect, test } from '@jest/globals';
import { osElement } from '../../../src/domain-xml/build/os.ts';
import { writeXml } from '../../../src/domain-xml/writeXml.ts';

const os = (...args: Parameters<typeof osElement>) =>
  writeXml(osElement(...args)).replace(/\n */g, '');

test('each architecture has its machine type; for an unknown one libvirt chooses', () => {
  expect(os({}, 'x86_64', 'kvm')).toBe('<os><type arch="x86_64" machine="q35">hvm</type></os>');
  for (const arch of ['ppc64', 'ppc64le']) {
    expect(os({}, arch, 'kvm')).toContain('machine="pseries"');
  }
  expect(os({}, 'aarch64', 'kvm')).toContain('machine="virt"');
  expect(os({}, 's390x', 'kvm')).toContain('machine="s390-ccw-virtio"');
  expect(os({}, 'riscv64', 'kvm')).toBe('<os><type arch="riscv64">hvm</type></os>');
  expect(os({ emulatedMachine: 'pc' }, 'x86_64', 'kvm')).toContain('machine="pc"');
});

test("libvirt's test driver chooses its own architecture and machine type", () => {
  expect(os({}, 'x86_64', 'test')).toBe('<os><type>hvm</type></os>');
});

test('a kernel is booted instead of the disks', () => {
  const given = { kernel: '/k', initrd: '/i', kernelArgs: 'a=<b>', disks: [{ path: '/d' }] };
  expect(os(given, 'x86_64', 'qemu')).toContain(
    '<kernel>/k</kernel><initrd>/i</initrd><cmdline>a=&lt;b&gt;</cmdline></os>',
  );
  expect(() => os({ kernel: 'k' }, 'x86_64', 'qemu')).toThrow('the kernel must be absolute');
});

test('disks are booted before a cdrom', () => {
  const disks = [{ path: '/c', device: 'cdrom' }, { path: '/d' }] as const;
  expect(os({ disks: [...disks] }, 'x86_64', 'kvm')).toContain(
    '<boot dev="hd"/><boot dev="cdrom"/>',
  );
  expect(os({ disks: [disks[0]] }, 'x86_64', 'kvm')).toContain('</type><boot dev="cdrom"/></os>');
});
