import { expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';

const simulated = { connection: 'a simulated host', addresses: ['127.0.0.1:5', '[::1]:5'] };
const way = { ssl: true, pki: '/etc/pki/vdsm', hostname: 'kvm1' };
const certificates =
  '--ca /etc/pki/vdsm/certs/cacert.pem --cert /etc/pki/vdsm/certs/vdsmcert.pem --key /etc/pki/vdsm/keys/vdsmkey.pem';

test('prints the host and the URL', () => {
  expect(hints(simulated, way)).toMatch(/^vmemd serves a simulated host on ws:\/\/localhost:5;/);
  expect(hints({ ...simulated, addresses: ['[::1]:7'] }, way)).toContain(' on ws://[::1]:7;');
});

test('prints complete requests, each on a line to paste', () => {
  const lines = hints(simulated, way)
    .split('\n')
    .filter((line) => line.includes('wscat'));
  const requests = lines.map((line) => {
    const [, request = ''] =
      /^ {4}npx wscat -c ws:\/\/localhost:5 -w 1 -x '([^']+)'$/.exec(line) ?? [];
    return JSON.parse(request) as { jsonrpc: string; method: string };
  });
  expect(requests.map(({ method }) => method)).toEqual([
    'Host.getVMList',
    'VM.create',
    'VM.setMemory',
    'VM.getMemoryJob',
    'VM.setBalloonTarget',
  ]);
  expect(new Set(requests.map(({ jsonrpc }) => jsonrpc))).toEqual(new Set(['2.0']));
});

test('gives a VM on libvirt a kernel to boot, and the command that makes it', () => {
  const text = hints({ ...simulated, connection: 'libvirt at qemu:///system' }, way);
  const [, folder = '', created = ''] =
    /^ {4}sh lab\/guest\.sh (\S+)\n.*\n.*"VM\.create"(.*)$/m.exec(text) ?? [];
  expect(created).toContain(`"kernel":"${folder}/vmlinuz","initrd":"${folder}/initramfs.gz"`);
  expect(hints(simulated, way)).not.toContain('kernel');
});

test('quotes an address that contains shell patterns', () => {
  const text = hints({ ...simulated, addresses: ['[::1]:7'] }, way);
  expect(text).toContain("npx wscat -c 'ws://[::1]:7' -w 1");
});

test('shows the certificate options if every URL needs TLS', () => {
  const elsewhere = { connection: 'a simulated host', addresses: ['192.0.2.1:5', '192.0.2.2:5'] };
  const text = hints(elsewhere, { ...way, pki: "/it's" });
  expect(text).toContain(
    `npx wscat -c wss://192.0.2.1:5 --ca '/it'\\''s/certs/cacert.pem' --cert '/it'\\''s/certs/vdsmcert.pem' --key`,
  );
  expect(text).not.toContain('ws://');
});

test.each(['[::]:5', '0.0.0.0:5'])(
  'on all addresses (%s) prints the plain and the TLS URL',
  (address) => {
    const text = hints({ ...simulated, addresses: [address] }, way);
    expect(text).toMatch(/ on ws:\/\/localhost:5 and wss:\/\/kvm1:5;/);
    expect(text).toContain('npx wscat -c ws://localhost:5 -w 1');
    expect(text).toContain(`npx wscat -c wss://kvm1:5 ${certificates} -w 1`);
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
  expect(text).toContain('npx wscat -c ws://192.0.2.1:5 -w 1');
  expect(text).not.toContain('wss:');
});
