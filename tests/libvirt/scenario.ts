import type { Channel } from '../../src/libvirt/channel.ts';
import { events } from '../../src/libvirt/events.ts';
import { Host, LibvirtError, statsGroup } from '../../src/libvirt/index.ts';
import { procedures } from '../../src/libvirt/procedures.ts';

const UUID = '5ca1ab1e-0000-4000-8000-00000000cafe';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const LIVE = 1;
const PERSISTENT_AND_LIVE = 3;
const MIB = 1024;

const domains = {
  test: `<domain type='test'><name>gäst</name><uuid>${UUID}</uuid><memory>524288</memory>
    <memtune><min_guarantee>262144</min_guarantee></memtune><os><type>hvm</type></os>
    <devices><memballoon model='virtio'/></devices></domain>`,
  qemu: `<domain type='qemu'><name>gäst</name><uuid>${UUID}</uuid>
    <maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>128</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
    <cpu mode='maximum'><numa><cell id='0' cpus='0' memory='128' unit='MiB'/></numa></cpu>
    <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>`,
} as const;

const DIMM = `<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>`;

const virtioMem = (requested: number) =>
  `<memory model='virtio-mem'><target><size unit='MiB'>128</size><node>0</node><block unit='MiB'>2</block>
    <requested unit='MiB'>${requested}</requested></target><alias name='ua-1'/>
    <address type='pci' domain='0' bus='3' slot='0' function='0'/></memory>`;

const outcome = (call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: unknown) => {
    if (!(error instanceof LibvirtError)) throw error;
    const { code, domain, level, message } = error;
    return { error: { code, domain, level, message } };
  });

function onTheHost(host: Host): (() => Promise<unknown>)[] {
  return [
    () => host.getType(),
    () => host.getVersion(),
    () => host.getLibVersion(),
    () => host.nodeGetInfo(),
    () => host.nodeGetMemoryStats(),
    () => host.nodeGetFreeMemory(),
    () => host.domainLookupByName('nobody'),
    () => host.domainLookupByUUID(NOBODY),
    () => host.domainDefineXMLFlags('<domain/>', 0),
  ];
}

function onOneDomain(host: Host, xml: string): (() => Promise<unknown>)[] {
  const guest = host.domain(UUID);
  const { state, balloon } = statsGroup;
  const element = { type: 2, uri: 'http://example.org/1' };
  return [
    () => host.domainDefineXMLFlags(xml, 0),
    () => guest.createWithFlags(0),
    () => guest.isPersistent(),
    () => host.listAllDomains(LIVE),
    () => guest.getState(),
    () => guest.getInfo(),
    () => guest.memoryStats(),
    () => host.getAllDomainStats([guest], { stats: state | balloon, flags: 0 }),
    () => guest.setMemoryFlags(100 * MIB, LIVE),
    () => guest.setMemoryFlags(9000 * MIB, LIVE),
    () => guest.setMemoryStatsPeriod(7, LIVE),
    () => guest.setMetadata({ ...element, metadata: '<v a="ü"/>', key: 'p' }, PERSISTENT_AND_LIVE),
    () => guest.getMetadata(element, 0),
    () => guest.getMetadata({ ...element, uri: 'http://example.org/none' }, 0),
    () => guest.attachDeviceFlags(DIMM, LIVE),
    () => guest.attachDeviceFlags(virtioMem(0), LIVE),
    () => guest.updateDeviceFlags(virtioMem(64), LIVE),
    () => guest.detachDeviceAlias('dimm9', LIVE),
    () => guest.getXMLDesc(0),
    () => guest.reset(),
    () => guest.suspend(),
    () => guest.resume(),
    () => guest.destroyFlags(0),
    () => guest.getXMLDesc(2),
    () => guest.undefineFlags(0),
    () => guest.getInfo(),
  ];
}

/** Makes calls of every sort in sequence; returns their results and errors. */
export async function converse(
  connection: Channel,
  driver: keyof typeof domains,
): Promise<unknown[]> {
  const host = new Host(connection);
  const register = Object.values(events).map(
    ({ id: event }) =>
      () =>
        connection.call(procedures.eventCallbackRegisterAny, { event, dom: undefined }),
  );
  const answers: unknown[] = [];
  for (const step of [...register, ...onTheHost(host), ...onOneDomain(host, domains[driver])]) {
    answers.push(await outcome(step()));
  }
  return answers;
}

/** Converts to JSON values: maps to objects, 64-bit integers to text that ends in n. */
export const toJson = (value: unknown): unknown =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value, plain)) as unknown);

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Map ? (Object.fromEntries(value) as unknown) : value;
}
