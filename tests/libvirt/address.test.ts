import { expect, test } from '@jest/globals';
import { resolveAddress } from '../../src/libvirt/address.ts';
import { LibvirtError } from '../../src/libvirt/error.ts';

const env = { XDG_RUNTIME_DIR: '/run/user/7', HOME: '/home/u' };
const root = { env, isRoot: true };
const user = { env, isRoot: false };

test('tries the modular daemon first, then the one for all drivers', () => {
  expect(resolveAddress('qemu:///system', user)).toEqual({
    name: 'qemu:///system',
    sockets: ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock'],
  });
});

test("a session's socket is under the runtime folder, otherwise under the home folder", () => {
  expect(resolveAddress('qemu:///session', root).sockets).toEqual([
    '/run/user/7/libvirt/virtqemud-sock',
    '/run/user/7/libvirt/libvirt-sock',
  ]);
  const homeOnly = { env: { HOME: '/home/u' }, isRoot: false };
  expect(resolveAddress('qemu:///session', homeOnly).sockets[0]).toBe(
    '/home/u/.cache/libvirt/virtqemud-sock',
  );
  expect(resolveAddress('qemu:///session', { env: {}, isRoot: false }).sockets).toEqual([]);
});

test('the test driver has no daemon of its own; the user’s socket is tried before the system’s', () => {
  expect(resolveAddress('test:///default', root).sockets).toEqual(['/run/libvirt/libvirt-sock']);
  expect(resolveAddress('test:///default', user).sockets).toEqual([
    '/run/user/7/libvirt/libvirt-sock',
    '/run/libvirt/libvirt-sock',
  ]);
});

test('a given socket is the only one, and is not part of the daemon’s URI', () => {
  expect(resolveAddress('qemu+unix:///system?socket=/tmp/a%20b&x=1', root)).toEqual({
    name: 'qemu:///system?x=1',
    sockets: ['/tmp/a b'],
  });
});

test.each(['', 'nonsense', 'qemu://other/system', 'qemu+ssh:///system', 'qemu+tls://h/system'])(
  "'%s' is refused",
  (uri) => {
    expect(() => resolveAddress(uri, root)).toThrow(LibvirtError);
  },
);
