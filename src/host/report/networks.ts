import type { NetworkInterfaceInfo } from 'node:os';
import type { HostFiles } from './files.ts';

const FOLDER = 'sys/class/net';

/** Addresses by interface name, as os.networkInterfaces() returns them. */
export type Addresses = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Returns the host's network devices in VDSM's shape; each bridge is also a network of the same name. */
export async function networks(files: HostFiles, addresses: Addresses) {
  const names = (await files.list(FOLDER)).filter((name) => name !== 'lo').sort();
  const devices = await Promise.all(
    names.map((name) => describe(name, files, addresses[name] ?? [])),
  );
  const shown: Shown = { nics: {}, bondings: {}, vlans: {}, bridges: {} };
  for (const { name, kind, ...device } of devices.filter((known) => known !== undefined)) {
    Object.assign(shown[kind], { [name]: device });
  }
  const networks = Object.entries(shown.bridges).map(([name, bridge]) => [
    name,
    { ...bridge, iface: name, bridged: true },
  ]);
  return { ...shown, networks: Object.fromEntries(networks) as Record<string, object> };
}

type Shown = Record<'nics' | 'bondings' | 'vlans' | 'bridges', Record<string, object>>;

async function describe(name: string, files: HostFiles, known: readonly NetworkInterfaceInfo[]) {
  const folder = `${FOLDER}/${name}`;
  const contents = await files.list(folder);
  // The folder also holds a file of the bonding driver, and the taps of VMs.
  if (contents.length === 0 || contents.includes('tun_flags')) return undefined;
  const read = async (file: string): Promise<string> =>
    ((await files.text(`${folder}/${file}`)) ?? '').trim();
  const [hwaddr, mtu] = await Promise.all([read('address'), read('mtu')]);
  const ipv4 = known.filter(({ family }) => family === 'IPv4');
  const common = {
    name,
    addr: ipv4[0]?.address ?? '',
    netmask: ipv4[0]?.netmask ?? '',
    ipv4addrs: ipv4.map(cidr),
    ipv6addrs: known.filter(({ family }) => family === 'IPv6').map(cidr),
    mtu,
    hwaddr,
  };
  if (contents.includes('bridge')) {
    const ports = (await files.list(`${folder}/brif`)).sort();
    return { ...common, kind: 'bridges', ports } as const;
  }
  if (contents.includes('bonding')) {
    const slaves = (await read('bonding/slaves')).split(' ').filter(Boolean);
    return { ...common, kind: 'bondings', slaves } as const;
  }
  const vlan = await vlanOf(name, files);
  if (vlan) return { ...common, kind: 'vlans', ...vlan } as const;
  return { ...common, kind: 'nics', speed: speedOf(await read('speed')) } as const;
}

/** Returns the device's VLAN from the kernel's table, or undefined if the device is none. */
async function vlanOf(name: string, files: HostFiles) {
  const table = (await files.text(`proc/net/vlan/${name}`)) ?? '';
  const id = /VID: (\d+)/.exec(table)?.[1];
  const iface = /^Device: (\S+)$/m.exec(table)?.[1];
  return id === undefined || iface === undefined ? undefined : { vlanid: Number(id), iface };
}

/** In Mbit/s; 0 if unknown, which the kernel reports as -1 or as a read error. */
const speedOf = (text: string): number => Math.max(0, Number(text) || 0);

const cidr = ({ address, cidr: full }: NetworkInterfaceInfo): string => full ?? address;
