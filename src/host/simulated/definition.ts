import type { MemoryDeviceDescription } from '../../domain-xml/memoryDevice.ts';
import { domainOf, readDomain } from '../../domain-xml/parse.ts';
import type { Domain, MemoryDevice } from '../../domain-xml/types.ts';
import { KiB, type Milliseconds, Seconds } from '../../common/units.ts';
import { HypervisorError } from '../hypervisor.ts';
import { commandLineOf, completed, withMemoryDevices } from './xml.ts';
import { behaviourOf, type Behaviour } from './guest/behaviour.ts';
import { between } from './guest/random.ts';
import { withVirtioMem } from './guest/guestVirtioMem.ts';
import { type Guest, powerOn } from './guest/guest.ts';
import type { MachineParts } from './machine.ts';
import { bootMemoryOf, placed, type PluggedDevice } from './memorySlots.ts';

/** A domain's persistent configuration. */
export interface Definition {
  /** As libvirt stores it: without id and runtime aliases. */
  readonly xml: string;
  readonly domain: Domain;
  /** Its memory devices at start. */
  readonly devices: readonly PluggedDevice[];
  readonly behaviour: Behaviour;
}

/**
 * Reads a domain's XML as libvirt does; a domain without UUID gets one from `newUuid`. Throws `invalid`, `refused` or
 * `unsupported`.
 */
export function define(given: string, newUuid: () => string): Definition {
  const behaviour = behaviourOf(commandLineOf(given));
  const identified = completed(given, newUuid);
  const domain = domainOf(readDomain(identified));
  if (domain.maxMemory && domain.maxMemory.size < domain.memory) {
    throw new HypervisorError(
      'invalid',
      'XML error: maximum memory size must be equal or greater than the actual memory size',
    );
  }
  const bootMemory = bootMemoryOf(domain);
  if (bootMemory <= 0) {
    throw new HypervisorError('invalid', 'XML error: the domain has no memory to boot with');
  }
  const devices = domain.memoryDevices.reduce<readonly PluggedDevice[]>(
    (before, device) => [
      ...before,
      placed({ ...domain, memory: totalOf(bootMemory, before), memoryDevices: before }, device),
    ],
    [],
  );
  const kept = devices.map((device, n) => defined(domain.memoryDevices[n] ?? device, device));
  const xml = kept.length > 0 ? withMemoryDevices(identified, kept) : identified;
  return { xml, domain, devices, behaviour };
}

/** Returns the device as given, with the size and slot that libvirt sets when it defines a domain. */
function defined(
  { virtioMem, ...given }: MemoryDevice,
  { size, address }: PluggedDevice,
): MemoryDeviceDescription {
  return {
    ...given,
    size,
    ...(address && { address: { ...given.address, slot: address.slot } }),
    ...(virtioMem && { virtioMem: { block: virtioMem.block, requested: virtioMem.requested } }),
  };
}

const totalOf = (bootMemory: KiB, devices: readonly PluggedDevice[]): KiB =>
  KiB(devices.reduce<number>((sum, { size }) => sum + size, bootMemory));

const withVirtioMemOf = (guest: Guest, { alias, size, virtioMem }: PluggedDevice): Guest =>
  virtioMem ? withVirtioMem(guest, { alias, size, ...virtioMem }) : guest;

/** Creates the parts of a machine that starts at `now`; its guest's properties depend on the seed. */
export function started(
  { xml, domain, devices, behaviour }: Definition,
  how: { id: number; paused: boolean; seed: number; now: Milliseconds },
): MachineParts {
  const { id, paused, now } = how;
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
    requested: KiB(Math.max(0, totalOf(bootMemory, dimms) - domain.currentMemory)),
    period: balloon?.statsPeriod ?? Seconds(0),
    workingSet: KiB(Math.floor(bootMemory * between(0.2, 0.45, seed, 'working set'))),
  });
  return { id, xml, domain, devices, guest: devices.reduce(withVirtioMemOf, guest), paused };
}
