import { withMetadata } from '../domain-xml/edit.ts';
import { editedMetadata, guaranteeOf, OVIRT_VM } from '../domain-xml/metadata.ts';
import { parseDomain } from '../domain-xml/parse.ts';
import type { Domain, MemoryDevice, OvirtMetadata } from '../domain-xml/types.ts';
import type { Bound, Hypervisor } from '../host/hypervisor.ts';
import { balloonableMemory, carriedTarget, clampTarget, wholeMiB } from '../memory/balloon.ts';
import { KiB, toKiB } from '../units.ts';
import { parseUnplugs, type PendingUnplugs } from './pendingUnplugs.ts';

/** A VM's domain as it was read last, and what clients agreed of its memory, which the domain's metadata keep. */
export class VmDomain {
  readonly id: string;
  readonly hypervisor: Hypervisor;
  #xml: string;
  #domain: Domain;
  /** As `deviceChanges` told them last. */
  #knownDevices: readonly MemoryDevice[];
  /** As it was promised; see `guaranteed`. */
  #promised: KiB;
  #balloonTarget: KiB;

  constructor(hypervisor: Hypervisor, xml: string) {
    this.hypervisor = hypervisor;
    this.#xml = xml;
    this.#domain = parseDomain(xml);
    this.id = this.#domain.uuid;
    this.#knownDevices = this.#domain.memoryDevices;
    this.#promised = promisedOf(this.#domain);
    this.#balloonTarget = this.#storedTarget();
  }

  get domain(): Domain {
    return this.#domain;
  }
  get xml(): string {
    return this.#xml;
  }
  /** Memory that the balloon acts on. */
  get memory(): KiB {
    return balloonableMemory(this.#domain);
  }
  /** The guarantee in force: what was promised, or all there is where memory has become less than that. */
  get guaranteed(): KiB {
    return KiB(Math.min(this.#promised, wholeMiB(this.memory)));
  }
  get balloonTarget(): KiB {
    return this.#balloonTarget;
  }
  /** Devices that the guest was asked to give back, as the metadata keep them. */
  get unplugging(): PendingUnplugs {
    return parseUnplugs(this.#domain.metadata?.unplugging ?? '');
  }
  /** Made by somebody else, as it does not bear our mark for this very domain: never undefined by us. */
  get isExternal(): boolean {
    return this.#domain.metadata?.ownedUuid !== this.id;
  }

  /**
   * Reads the domain again. Where its memory has changed, the balloon target is carried over so that the balloon keeps
   * its size; it is written down if a client ever set one.
   */
  async refresh(bound?: Bound): Promise<void> {
    const before = this.memory;
    this.#read(await this.hypervisor.domainXml(this.id, bound));
    if (this.memory === before) return;
    this.#balloonTarget = carriedTarget(this.#balloonTarget, before, this);
    if (this.#domain.metadata?.balloonTarget !== undefined) {
      await this.save({ balloonTarget: this.#balloonTarget }, bound);
    }
  }

  /** Which memory devices have come and gone, by what was read, since this was asked last or the run began. */
  deviceChanges(): {
    readonly came: readonly NamedDevice[];
    readonly went: readonly NamedDevice[];
  } {
    const [before, now] = [this.#knownDevices, this.#domain.memoryDevices];
    this.#knownDevices = now;
    return { came: without(now, before), went: without(before, now) };
  }

  /** Reads the domain of another run: plugged devices and what was asked in the run before are gone. */
  async reread(bound?: Bound): Promise<void> {
    this.#read(await this.hypervisor.domainXml(this.id, bound));
    this.forgetDeviceChanges();
    this.#promised = promisedOf(this.#domain);
    const { metadata, currentMemory } = this.#domain;
    this.#balloonTarget = clampTarget(currentMemory, this).target;
    await this.save(
      {
        ...(metadata?.balloonTarget !== undefined && { balloonTarget: this.#balloonTarget }),
        ...(metadata?.unplugging && { unplugging: '' }),
      },
      bound,
    );
  }

  /** Takes in what somebody else has written into the metadata. */
  async readMetadata(bound?: Bound): Promise<void> {
    const before = this.#domain.metadata;
    await this.refresh(bound);
    this.#promised = promisedOf(this.#domain);
    if (this.#domain.metadata?.balloonTarget !== before?.balloonTarget) {
      this.#balloonTarget = this.#storedTarget();
    }
  }

  /**
   * Writes into the domain's metadata what has to outlive vmemd, and takes it in. The rest of the domain stays as it
   * was read last, so that a change of its memory is never taken in by the way.
   */
  async save(changes: OvirtMetadata, bound?: Bound): Promise<void> {
    if (Object.keys(changes).length === 0) return;
    const meant = changes.balloonTarget === undefined ? {} : { balloonTargetMemory: this.memory };
    const marked = { ...meant, ...changes };
    const { prefix, uri } = OVIRT_VM;
    const xml = editedMetadata(await this.hypervisor.domainXml(this.id, bound), marked);
    await this.hypervisor.setMetadata(this.id, { prefix, uri, xml }, bound);
    this.#read(withMetadata(this.#xml, marked));
    this.#promised = promisedOf(this.#domain);
    if (changes.balloonTarget !== undefined) this.#balloonTarget = changes.balloonTarget;
  }

  /** Takes the devices as they are now for known: those of a run that begins are no news. */
  forgetDeviceChanges(): void {
    this.#knownDevices = this.#domain.memoryDevices;
  }

  /** What was asked last or, where nobody asked, what the balloon was given; a run may have more or less memory. */
  #storedTarget(): KiB {
    const { metadata, currentMemory } = this.#domain;
    if (metadata?.balloonTarget === undefined) return clampTarget(currentMemory, this).target;
    return carriedTarget(metadata.balloonTarget, metadata.balloonTargetMemory ?? this.memory, this);
  }

  #read(xml: string): void {
    this.#domain = parseDomain(xml);
    this.#xml = xml;
  }
}

interface NamedDevice {
  readonly alias: string;
  readonly size: KiB;
}

/** Those that are not among `others`; an alias may have gone to another device. */
const without = (
  devices: readonly MemoryDevice[],
  others: readonly MemoryDevice[],
): readonly NamedDevice[] =>
  devices.flatMap(({ alias, size }) => {
    const isThere = others.some((other) => other.alias === alias && other.size === size);
    return alias === undefined || isThere ? [] : [{ alias, size }];
  });

/** What was guaranteed last, else at creation, else libvirt's own guarantee. */
const promisedOf = ({ metadata, minGuarantee }: Domain): KiB => {
  const stored = guaranteeOf(metadata);
  return stored === undefined ? (minGuarantee ?? KiB(0)) : toKiB(stored);
};
