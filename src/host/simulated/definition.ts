import { alignMemory } from '../../domain-xml/align.ts';
import { childrenNamed, find, type Element } from '../../domain-xml/element.ts';
import { readGivenXml } from '../../domain-xml/given.ts';
import type { MemoryDeviceDescription } from '../../domain-xml/memoryDevice.ts';
import { cellMemory, cellsOf } from '../../domain-xml/normalize.ts';
import { domainOf, readDomain } from '../../domain-xml/parse.ts';
import type { SlotRule } from '../../domain-xml/slots.ts';
import type { Domain, MemoryDevice } from '../../domain-xml/types.ts';
import { writeXml } from '../../domain-xml/writeXml.ts';
import { KiB, type Milliseconds, Seconds } from '../../common/units.ts';
import { HypervisorError } from '../hypervisor.ts';
import { commandLineOf, completed, withMemoryDevices } from './xml.ts';
import { behaviourOf, type Behaviour } from './guest/behaviour.ts';
import { between } from './guest/random.ts';
import { withVirtioMem } from './guest/guestVirtioMem.ts';
import { type Guest, powerOn } from './guest/guest.ts';
import { workloadOf } from './guest/load.ts';
import type { MachineParts } from './machine.ts';
import { allPlaced, bootMemoryOf, checkBlocks, type PluggedDevice } from './memorySlots.ts';

/** A domain's persistent configuration. */
export interface Definition {
  /** As libvirt stores it: without id and runtime aliases. */
  readonly xml: string;
  readonly domain: Domain;
  readonly slotRule: SlotRule;
  readonly behaviour: Behaviour;
}

/** How a host reads domains. */
export interface Reading {
  /** Returns the UUID of a domain that states none. */
  readonly newUuid: () => string;
  readonly slotRule: SlotRule;
}

/** Reads a domain's XML as libvirt does when it defines it. Throws `invalid`, `refused` or `unsupported`. */
export function define(given: string, { newUuid, slotRule }: Reading): Definition {
  readGivenXml(given);
  const behaviour = behaviourOf(commandLineOf(given));
  const identified = completed(given, newUuid);
  const root = readDomain(identified);
  const domain = domainOf(root);
  checkMaximum(domain, slotRule);
  checkNuma(root);
  const kept = allPlaced(domain, slotRule).map((device, n) =>
    defined(domain.memoryDevices[n] ?? device, device),
  );
  const xml = kept.length > 0 ? withMemoryDevices(identified, kept) : identified;
  return { xml, domain, slotRule, behaviour };
}

function checkMaximum({ maxMemory, numaCells }: Domain, slotRule: SlotRule): void {
  if (!maxMemory) return;
  if (maxMemory.slots === 0 && slotRule === 'all-devices') {
    throw new HypervisorError(
      'invalid',
      'XML error: both maximum memory size and memory slot count must be specified',
    );
  }
  if (numaCells === 0) {
    throw new HypervisorError(
      'invalid',
      'unsupported configuration: At least one numa node has to be configured when enabling memory hotplug',
    );
  }
}

function checkNuma(root: Element): void {
  const numa = find(root, 'cpu', 'numa');
  if (numa && childrenNamed(numa, 'cell').length === 0) {
    throw new HypervisorError('invalid', 'XML error: NUMA topology defined without NUMA cells');
  }
  const devices = childrenNamed(find(root, 'devices'), 'memory');
  if (devices.every((device) => find(device, 'target', 'node'))) return;
  throw new HypervisorError(
    'invalid',
    'unsupported configuration: target NUMA node needs to be specified for memory device',
  );
}

/** Returns the device as given, with the slot that libvirt sets when it defines a domain. */
function defined(
  { virtioMem, ...given }: MemoryDevice,
  { address }: PluggedDevice,
): MemoryDeviceDescription {
  return {
    ...given,
    ...(address && { address: { ...given.address, slot: address.slot } }),
    ...(virtioMem && { virtioMem: { block: virtioMem.block, requested: virtioMem.requested } }),
  };
}

const totalOf = (bootMemory: KiB, devices: readonly PluggedDevice[]): KiB =>
  KiB(devices.reduce<number>((sum, { size }) => sum + size, bootMemory));

const withVirtioMemOf = (guest: Guest, { alias, size, virtioMem }: PluggedDevice): Guest =>
  virtioMem ? withVirtioMem(guest, { alias, size, ...virtioMem }) : guest;

/** Creates the parts of a machine that starts at `now`; its guest's properties depend on the seed. Throws `failed`. */
export function started(
  { xml: stored, slotRule, behaviour }: Definition,
  how: { id: number; paused: boolean; seed: number; now: Milliseconds },
): MachineParts {
  const { id, paused, now } = how;
  const root = readDomain(stored);
  alignMemory(root);
  const domain = domainOf(root);
  const devices = allPlaced(domain, slotRule);
  checkStart(root, domain);
  const seed = Math.floor(between(0, 2 ** 31, how.seed, domain.uuid));
  const bootMemory = bootMemoryOf(domain);
  const dimms = devices.filter(({ virtioMem }) => !virtioMem);
  const { balloon } = domain;
  const guest = powerOn({
    behaviour,
    seed,
    bornAt: now,
    vcpus: domain.vcpus,
    cpuTimeBefore: 0,
    hasBalloon: balloon !== undefined && balloon.model !== 'none',
    autodeflate: balloon?.autodeflate ?? false,
    bootMemory,
    dimms,
    virtioMems: [],
    requested: wholePages(Math.max(0, totalOf(bootMemory, dimms) - domain.currentMemory)),
    period: balloon?.statsPeriod ?? Seconds(0),
    workingSet: KiB(Math.floor(bootMemory * usedPart(behaviour, seed))),
    ...(behaviour.files && { workload: workloadOf(behaviour.files, bootMemory) }),
  });
  return {
    id,
    xml: writeXml(root),
    domain,
    slotRule,
    devices,
    guest: devices.reduce(withVirtioMemOf, guest),
    paused,
  };
}

const usedPart = ({ uses }: Behaviour, seed: number): number =>
  uses === undefined ? between(0.2, 0.45, seed, 'working set') : uses / 100;

/** Throws `failed` for sizes that libvirt stores and QEMU refuses. */
function checkStart(root: Element, domain: Domain): void {
  if (cellsOf(root).some((cell) => cellMemory(cell) === 0)) {
    throw new HypervisorError(
      'failed',
      "internal error: qemu unexpectedly closed the monitor: property 'size' of memory-backend-ram doesn't take value '0'",
    );
  }
  const { maxMemory, memoryDevices } = domain;
  for (const device of memoryDevices) checkBlocks(device);
  if (maxMemory && maxMemory.slots > 0 && maxMemory.size === bootMemoryOf(domain)) {
    throw new HypervisorError(
      'failed',
      'internal error: qemu unexpectedly closed the monitor: invalid value of maxmem: memory slots were specified but maximum memory size is equal to the initial memory size',
    );
  }
}

/** A balloon takes whole pages. */
const wholePages = (size: number): KiB => KiB(Math.floor(size / PAGE) * PAGE);
const PAGE = 4;
