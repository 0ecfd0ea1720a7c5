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
  expect(resolveAddress('qemu+unix:///system?socket=/tmp/a%20b+c&mode=auto', root)).toEqual({
    name: 'qemu:///system',
    sockets: ['/tmp/a b+c'],
  });
});

test('the mode chooses between the modular daemon and the one for all drivers', () => {
  const socketsOf = (uri: string) => resolveAddress(uri, root).sockets;
  expect(socketsOf('qemu:///system?mode=direct')).toEqual(['/run/libvirt/virtqemud-sock']);
  expect(socketsOf('qemu:///system?mode=legacy')).toEqual(['/run/libvirt/libvirt-sock']);
});

test.each([
  ['sockt=/x', 'there is no parameter sockt, only socket and mode'],
  ['socket=/x&y=1', 'there is no parameter y'],
  ['constructor=/x', 'there is no parameter constructor'],
  ['socket=run/x', 'absolute path'],
  ['socket=', 'absolute path'],
  ['socket', 'absolute path'],
  ['socket=/x&Socket=/y', 'socket is given twice'],
  [`socket=/${'x'.repeat(107)}`, 'at most 107 bytes'],
  ['mode=fast', 'mode is auto, direct or legacy'],
  ['#socket=/x', '#socket=/x has no meaning'],
])(
  'the parameters %s are refused with the reason, and no other libvirt is used',
  (query, reason) => {
    const resolve = () => resolveAddress(`qemu:///system?${query}`, root);
    expect(resolve).toThrow(LibvirtError);
    expect(resolve).toThrow(reason);
  },
);

test('a driver without a daemon of its own is refused in the mode direct', () => {
  expect(() => resolveAddress('test:///default?mode=direct', root)).toThrow(
    'test has no daemon of its own',
  );
});

test.each(['', 'nonsense', 'qemu://other/system', 'qemu+ssh:///system', 'qemu+tls://h/system'])(
  "'%s' is refused",
  (uri) => {
    expect(() => resolveAddress(uri, root)).toThrow(LibvirtError);
  },
);
