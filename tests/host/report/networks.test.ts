import type { NetworkInterfaceInfo } from 'node:os';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { HostFiles } from '../../../src/host/report/files.ts';
import { networks } from '../../../src/host/report/networks.ts';
import { rootWith } from '../../support/procfs.ts';

const device = (name: string, files: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries({ address: '52:54:00:00:00:01\n', mtu: '1500\n', ...files }).map(
      ([file, text]) => [`sys/class/net/${name}/${file}`, text],
    ),
  );

const files = new HostFiles(
  rootWith({
    ...device('lo'),
    ...device('eth0', { speed: '10000\n' }),
    ...device('eth1', { speed: '-1\n', mtu: '9000\n' }),
    ...device('wlan0'),
    ...device('bond0', { 'bonding/slaves': 'eth2 eth3\n' }),
    ...device('bond1', { 'bonding/slaves': '\n' }),
    ...device('eth0.20'),
    ...device('ovirtmgmt', {
      'bridge/stp_state': '0\n',
      'brif/vnet0/port_no': '',
      'brif/eth0/port_no': '',
    }),
    ...device('vnet0', { tun_flags: '0x1002\n', speed: '10\n' }),
    'sys/class/net/bonding_masters': 'bond0 bond1\n',
    'proc/net/vlan/eth0.20':
      'eth0.20  VID: 20\t REORDER_HDR: 1  dev->priv_flags: 1021\nDevice: eth0\nINGRESS: 0:0\n',
  }),
);

const ipv4: NetworkInterfaceInfo = {
  family: 'IPv4',
  address: '192.0.2.7',
  netmask: '255.255.255.0',
  cidr: '192.0.2.7/24',
  mac: '52:54:00:00:00:01',
  internal: false,
};
const ipv6: NetworkInterfaceInfo = {
  family: 'IPv6',
  address: '2001:db8::7',
  netmask: 'ffff:ffff:ffff:ffff::',
  cidr: null,
  mac: '52:54:00:00:00:01',
  internal: false,
  scopeid: 0,
};

let shown: Awaited<ReturnType<typeof networks>>;
beforeAll(async () => {
  shown = await networks(files, { ovirtmgmt: [ipv6, ipv4] });
});

const plain = {
  addr: '',
  netmask: '',
  ipv4addrs: [],
  ipv6addrs: [],
  mtu: '1500',
  hwaddr: '52:54:00:00:00:01',
};

describe('the devices of a host', () => {
  test('are nics by default; loopback and taps of VMs are left out', () => {
    expect(shown.nics).toEqual({
      eth0: { ...plain, speed: 10_000 },
      eth1: { ...plain, speed: 0, mtu: '9000' },
      wlan0: { ...plain, speed: 0 },
    });
  });

  test('are bonds with their slaves', () => {
    expect(shown.bondings).toEqual({
      bond0: { ...plain, slaves: ['eth2', 'eth3'] },
      bond1: { ...plain, slaves: [] },
    });
  });

  test('are VLANs with their id and their device', () => {
    expect(shown.vlans).toEqual({ 'eth0.20': { ...plain, vlanid: 20, iface: 'eth0' } });
  });

  test('are bridges with their addresses and ports, each also a network of the same name', () => {
    const bridge = {
      ...plain,
      addr: '192.0.2.7',
      netmask: '255.255.255.0',
      ipv4addrs: ['192.0.2.7/24'],
      ipv6addrs: ['2001:db8::7'],
      ports: ['eth0', 'vnet0'],
    };
    expect(shown.bridges).toEqual({ ovirtmgmt: bridge });
    expect(shown.networks).toEqual({
      ovirtmgmt: { ...bridge, iface: 'ovirtmgmt', bridged: true },
    });
  });
});

test('are empty lists of each kind on a host without devices', async () => {
  expect(await networks(new HostFiles(rootWith({})), {})).toEqual({
    nics: {},
    bondings: {},
    vlans: {},
    bridges: {},
    networks: {},
  });
});
