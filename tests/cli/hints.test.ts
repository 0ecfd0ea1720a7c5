import { expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';

const simulated = { connection: 'a simulated host', addresses: ['127.0.0.1:5', '[::1]:5'] };
const way = { ssl: true, pki: '/etc/pki/vdsm', hostname: 'kvm1', hasUsualSocket: false };
const certificates = '--pki /etc/pki/vdsm';

test('prints the host and the URL', () => {
  expect(hints(simulated, way)).toMatch(/^vmemd serves a simulated host on ws:\/\/localhost:5;/);
  expect(hints({ ...simulated, addresses: ['[::1]:7'] }, way)).toContain(' on ws://[::1]:7;');
});

test('prints commands for the address, each on a line to paste', () => {
  const lines = hints(simulated, way)
    .split('\n')
    .filter((line) => line.startsWith('    '));
  expect(lines).toEqual([
    '    ./vmemctl --host ws://localhost:5',
    '    ./vmemctl --host ws://localhost:5 create first --memory 1G --max 4G --guaranteed 512M --wait',
    '    ./vmemctl --host ws://localhost:5 set first --memory 1280M --wait',
    '    ./vmemctl --host ws://localhost:5 balloon first 768M --wait',
    '    http://localhost:5',
  ]);
});

test('names the page, which a browser opens without a certificate only in plain text', () => {
  expect(hints(simulated, way)).toContain('  See it in a browser:\n    http://localhost:5\n');
  const elsewhere = { ...simulated, addresses: ['192.0.2.1:5'] };
  expect(hints(elsewhere, way)).not.toContain('browser');
});

test('names no host where vmemctl finds it by itself', () => {
  const usual = { ...simulated, addresses: ['127.0.0.1:54321', '[::1]:54321'] };
  expect(hints(usual, way)).toContain('    ./vmemctl set first');
  expect(hints(usual, way)).not.toContain('--host');
});

test('names the simulated host where vmemctl would find a daemon on libvirt before it', () => {
  const usual = { ...simulated, addresses: ['127.0.0.1:54321', '[::1]:54321'] };
  const beside = hints(usual, { ...way, hasUsualSocket: true });
  expect(beside).toContain('./vmemctl --host ws://localhost:54321 set first');
  const real = { ...usual, connection: 'libvirt at qemu:///system' };
  expect(hints(real, { ...way, hasUsualSocket: true })).not.toContain('--host');
});

test('gives a VM on libvirt a kernel to boot, and the command that makes it', () => {
  const text = hints({ ...simulated, connection: 'libvirt at qemu:///system' }, way);
  const [, folder = '', created = ''] =
    /^ {4}sh lab\/guest\.sh (\S+)\n.*\n.* create (.*)$/m.exec(text) ?? [];
  expect(created).toContain(`--kernel ${folder}/vmlinuz --initrd ${folder}/initramfs.gz`);
  expect(hints(simulated, way)).not.toContain('kernel');
});

test('quotes an address that contains shell patterns', () => {
  const text = hints({ ...simulated, addresses: ['[::1]:7'] }, way);
  expect(text).toContain("./vmemctl --host 'ws://[::1]:7' set");
});

test('shows the certificate options if every URL needs TLS', () => {
  const elsewhere = { connection: 'a simulated host', addresses: ['192.0.2.1:5', '192.0.2.2:5'] };
  const text = hints(elsewhere, { ...way, pki: "/it's" });
  expect(text).toContain(`./vmemctl --host wss://192.0.2.1:5 --pki '/it'\\''s' set`);
  expect(text).not.toContain('ws://');
});

test.each(['[::]:5', '0.0.0.0:5'])(
  'on all addresses (%s) prints the plain and the TLS URL',
  (address) => {
    const text = hints({ ...simulated, addresses: [address] }, way);
    expect(text).toMatch(/ on ws:\/\/localhost:5 and wss:\/\/kvm1:5;/);
    expect(text).toContain('./vmemctl --host ws://localhost:5 set');
    expect(text).toContain(`./vmemctl --host wss://kvm1:5 ${certificates} list`);
  },
);

test('prints the plain and the TLS URL if loopback is one of several addresses', () => {
  const text = hints({ ...simulated, addresses: [...simulated.addresses, '192.0.2.1:5'] }, way);
  expect(text).toMatch(/ on ws:\/\/localhost:5 and wss:\/\/192\.0\.2\.1:5;/);
});

test('prints a plain URL for all clients if TLS is off', () => {
  const off = { ...way, ssl: false };
  expect(hints({ ...simulated, addresses: ['[::]:5'] }, off)).toContain(' on ws://localhost:5;');
  const text = hints({ ...simulated, addresses: ['192.0.2.1:5'] }, off);
  expect(text).toContain('./vmemctl --host ws://192.0.2.1:5 set');
  expect(text).not.toContain('wss:');
});
