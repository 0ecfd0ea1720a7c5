import { editedMetadata, guaranteeOf, OVIRT_VM } from '../domain-xml/metadata.ts';
import type { Element } from '../domain-xml/element.ts';
import { domainOf, parseDomain, readDomain } from '../domain-xml/parse.ts';
import type { Domain, MemoryDevice, OvirtMetadata } from '../domain-xml/types.ts';
import type { CallOptions, Hypervisor } from '../host/hypervisor.ts';
import {
  balloonableMemory,
  balloonCurrent,
  carriedTarget,
  clampTarget,
  virtioMemGiven,
  usableMemory,
  wholeMiB,
} from '../memory/balloon.ts';
import { isAbout, isSameDevice } from '../memory/identity.ts';
import type { MemoryChange } from '../memory/jobs.ts';
import { KiB, toKiB } from '../common/units.ts';

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
  /** What the metadata said of it when that was taken in, or written. */
  #storedTarget: KiB | undefined;
  /** What is to be written into the metadata with the next of other things. */
  #unsaved: OvirtMetadata = {};
  /** The domain that an operation has read last, until something is written. */
  #justRead: { readonly root: Element; readonly within: AbortSignal } | undefined;

  constructor(hypervisor: Hypervisor, xml: string) {
    this.hypervisor = hypervisor;
    this.#xml = xml;
    this.#domain = parseDomain(xml);
    this.id = this.#domain.uuid;
    this.#knownDevices = this.#domain.memoryDevices;
    this.#promised = promisedOf(this.#domain);
    this.#balloonTarget = targetOf(this);
    this.#storedTarget = this.#domain.metadata?.balloonTarget;
  }

  get domain(): Domain {
    return this.#domain;
  }
  get xml(): string {
    return this.#xml;
  }
  /** Its memory device of that alias. */
  memoryDevice(alias: string): MemoryDevice | undefined {
    return this.#domain.memoryDevices.find((device) => device.alias === alias);
  }
  /** The device that a change is about; undefined where it is gone, whatever has its alias now. */
  deviceOf(change: MemoryChange): MemoryDevice | undefined {
    return this.#domain.memoryDevices.find((device) => isAbout(change, device));
  }
  /** Memory that the balloon acts on. */
  get memory(): KiB {
    return balloonableMemory(this.#domain);
  }
  /** All that the guest can use: {@link memory}, and what virtio-mem devices give it now. */
  get usableMemory(): KiB {
    return usableMemory(this.#domain);
  }
  /** The guarantee in force: what was promised, or all there is where memory has become less than that. */
  get guaranteed(): KiB {
    return KiB(Math.min(this.#promised, wholeMiB(this.memory)));
  }
  get balloonTarget(): KiB {
    return this.#balloonTarget;
  }
  /** Made by somebody else, as it does not bear our mark for this very domain: never undefined by us. */
  get isExternal(): boolean {
    return this.#domain.metadata?.ownedUuid !== this.id;
  }

  /**
   * Reads the domain again. Where its memory has changed, the balloon target is carried over so that the balloon keeps
   * its size; if a client ever set one, it is written down with what is saved next.
   */
  async refresh(bound?: CallOptions): Promise<void> {
    const before = this.memory;
    this.#read(await this.hypervisor.domainXml(this.id, bound), bound);
    if (isIn(this.#unsaved, this.#domain.metadata)) this.#unsaved = {};
    if (this.memory === before) return;
    this.#balloonTarget = carriedTarget(this.#balloonTarget, before, this);
    if (this.#domain.metadata?.balloonTarget !== undefined) {
      this.#unsaved = { balloonTarget: this.#balloonTarget, balloonTargetMemory: this.memory };
    }
  }

  /**
   * Which memory devices have come and gone, and by how much virtio-mem has grown, by what was read, since this was
   * asked last or the run began.
   */
  deviceChanges(): {
    readonly came: readonly NamedDevice[];
    readonly went: readonly NamedDevice[];
    readonly grown: number;
  } {
    const [before, now] = [this.#knownDevices, this.#domain.memoryDevices];
    this.#knownDevices = now;
    return {
      came: without(now, before),
      went: without(before, now),
      grown: virtioMemGiven(now) - virtioMemGiven(before),
    };
  }

  /** Reads the domain of another run: plugged devices and what was asked in the run before are gone. */
  async reread(bound?: CallOptions): Promise<void> {
    this.#read(await this.hypervisor.domainXml(this.id, bound), bound);
    this.#unsaved = {};
    this.forgetDeviceChanges();
    this.#promised = promisedOf(this.#domain);
    const { metadata } = this.#domain;
    this.#storedTarget = metadata?.balloonTarget;
    this.#balloonTarget = clampTarget(balloonCurrent(this.#domain), this).target;
    await this.save(
      {
        ...(metadata?.balloonTarget !== undefined && { balloonTarget: this.#balloonTarget }),
        ...(metadata?.memoryJobs && { memoryJobs: '' }),
      },
      bound,
    );
  }

  /** Takes in what somebody else has written into the metadata. */
  async readMetadata(bound?: CallOptions): Promise<void> {
    await this.refresh(bound);
    this.#promised = promisedOf(this.#domain);
    const { balloonTarget } = this.#domain.metadata ?? {};
    if (balloonTarget !== this.#storedTarget) {
      this.#storedTarget = balloonTarget;
      this.#balloonTarget = targetOf(this);
      this.#unsaved = {};
    }
    await this.save({}, bound);
  }

  /**
   * Writes into the domain's metadata what has to outlive vmemd, and takes it in; what holds for the next run too is
   * written into its configuration as well, unless it `isForThisRun`. The rest of the domain stays as it was read last,
   * so that a change of its memory is never taken in by the way.
   */
  async save(changes: OvirtMetadata, bound?: CallOptions, isForThisRun = false): Promise<void> {
    const meant = changes.balloonTarget === undefined ? {} : { balloonTargetMemory: this.memory };
    const marked = { ...this.#unsaved, ...meant, ...changes };
    if (Object.keys(marked).length === 0) return;
    const { id, hypervisor } = this;
    const lasting = isForThisRun ? undefined : lastingOf(changes);
    if (lasting) {
      const nextRun = await hypervisor.nextRunXml(id, bound);
      if (nextRun !== undefined) {
        await this.#write(readDomain(nextRun), lasting, 'next-run', bound);
      }
    }
    await this.#write(await this.#newest(bound), marked, 'live', bound);
    this.#unsaved = {};
    this.#storedTarget = marked.balloonTarget ?? this.#storedTarget;
    this.#domain = { ...this.#domain, metadata: { ...this.#domain.metadata, ...marked } };
    this.#promised = promisedOf(this.#domain);
    if (changes.balloonTarget !== undefined) this.#balloonTarget = changes.balloonTarget;
  }

  /** What was read may be old by now: others may have written metadata meanwhile. */
  readAgain(): void {
    this.#justRead = undefined;
  }

  /** Takes the devices as they are now for known: those of a run that begins are no news. */
  forgetDeviceChanges(): void {
    this.#knownDevices = this.#domain.memoryDevices;
  }

  /** The domain to write into. Others write metadata too: what an operation has not read itself is read again. */
  async #newest(bound?: CallOptions): Promise<Element> {
    const read = this.#justRead;
    this.#justRead = undefined;
    if (read && read.within === bound?.signal) return read.root;
    return readDomain(await this.hypervisor.domainXml(this.id, bound));
  }

  #write(
    domain: Element,
    changes: OvirtMetadata,
    where: 'live' | 'next-run',
    bound?: CallOptions,
  ): Promise<void> {
    const element = { ...OVIRT_VM, xml: editedMetadata(domain, changes), where };
    return this.hypervisor.setMetadata(this.id, element, bound);
  }

  #read(xml: string, bound?: CallOptions): void {
    const root = readDomain(xml);
    this.#domain = domainOf(root);
    this.#xml = xml;
    this.#justRead = bound?.signal && { root, within: bound.signal };
  }
}

/** What was asked last or, where nobody asked, what the balloon was given; a run may have more or less memory. */
function targetOf(vm: VmDomain): KiB {
  const { balloonTarget, balloonTargetMemory = vm.memory } = vm.domain.metadata ?? {};
  return balloonTarget === undefined ?
      clampTarget(balloonCurrent(vm.domain), vm).target
    : carriedTarget(balloonTarget, balloonTargetMemory, vm);
}

/** Whether they were written all the same, though the answer was an error. */
const isIn = (changes: OvirtMetadata, metadata: OvirtMetadata = {}): boolean =>
  (Object.keys(changes) as (keyof OvirtMetadata)[]).every((key) => changes[key] === metadata[key]);

/** What of these changes outlives a run; undefined for nothing. */
function lastingOf({
  memGuaranteedSize,
  memStatsPeriod,
}: OvirtMetadata): OvirtMetadata | undefined {
  if (memGuaranteedSize === undefined && memStatsPeriod === undefined) return undefined;
  return {
    ...(memGuaranteedSize === undefined ? {} : { memGuaranteedSize }),
    ...(memStatsPeriod === undefined ? {} : { memStatsPeriod }),
  };
}

type NamedDevice = MemoryDevice & { readonly alias: string };

/** Those that are not among `others`; an alias may have gone to another device. */
const without = (
  devices: readonly MemoryDevice[],
  others: readonly MemoryDevice[],
): readonly NamedDevice[] =>
  devices.flatMap((device) => {
    const { alias } = device;
    const isThere = others.some((other) => isSameDevice(other, device));
    return alias === undefined || isThere ? [] : [{ ...device, alias }];
  });

/** What was guaranteed last, else at creation, else libvirt's own guarantee. */
const promisedOf = ({ metadata, minGuarantee }: Domain): KiB => {
  const stored = guaranteeOf(metadata);
  return stored === undefined ? (minGuarantee ?? KiB(0)) : toKiB(stored);
};
