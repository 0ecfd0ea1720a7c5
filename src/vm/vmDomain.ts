import { edited } from '../domain-xml/edit.ts';
import { find, setText, type Element } from '../domain-xml/element.ts';
import { dropCopied, editedMetadata, metadataAlone, OVIRT_VM } from '../domain-xml/metadata.ts';
import { domainOf, readDomain, uuidOf } from '../domain-xml/parse.ts';
import { xmlText } from '../domain-xml/readXml.ts';
import type { Domain, MemoryDevice, OvirtMetadata } from '../domain-xml/types.ts';
import { type CallOptions, type Hypervisor, HypervisorError } from '../host/hypervisor.ts';
import { KiB } from '../common/units.ts';
import { EventMarks } from './eventMarks.ts';
import { LateCalls } from './lateCalls.ts';
import { NextRunConfig } from './nextRunConfig.ts';
import { readable } from './readable.ts';
import { type Sizes, sizesOf } from './sizes.ts';
import { parseStory } from './record/storedStory.ts';
import {
  balloonCurrent,
  type BalloonRange,
  carriedTarget,
  clampTarget,
} from '../memory/balloon.ts';
import { type BalloonStory, carriedStory } from '../memory/balloonStory.ts';
import type { BalloonPolicy } from '../memory/floor.ts';
import { deviceOf } from '../memory/identity.ts';
import type { DeviceStep } from '../memory/operation.ts';

/** Of targets that were stored without a story: clients set them. */
const UNTOLD: BalloonStory = { by: 'client', isAskedFor: true };

export interface VmDomainParts {
  readonly hypervisor: Hypervisor;
  readonly balloonPolicy: BalloonPolicy;
}

/** A domain as read. */
interface Own {
  readonly domain: Domain;
  /** The document without all but its metadata: that of a VM with many devices is many times as large. */
  readonly metadata: Element;
}

/** Reads a domain without what was kept for another one of which it is a copy. */
function readOwn(xml: string): Own {
  const root = readDomain(xml);
  dropCopied(root, uuidOf(root));
  return { domain: domainOf(root), metadata: metadataAlone(root) };
}

/** A VM's domain as last read, with the memory settings in its metadata. */
export class VmDomain {
  readonly id: string;
  readonly hypervisor: Hypervisor;
  readonly #balloonPolicy: BalloonPolicy;
  #xml: string;
  /** The document's metadata as last read, with those written since. */
  #metadata: Element;
  /** Whether {@link #metadata} or {@link #stored} differs from {@link #xml}. */
  #isEdited = false;
  #stored: Domain;
  /** {@link #stored} with the metadata that are not written yet. */
  #domain: Domain;
  /** Of {@link #domain}; lists, metrics and rounds of the policy ask for them many times. */
  #sizes: Sizes;
  #unwritten: OvirtMetadata = {};
  #balloonTarget: KiB;
  /** How a target came about that is not stored. */
  #story: BalloonStory = { by: 'start' };
  /** How the stored target came about, carried over with it; undefined if none is stored. */
  #storedStory: BalloonStory | undefined;
  /** The signal of the operation that has read the domain and sent nothing to the hypervisor since. */
  #readBy: AbortSignal | undefined;
  readonly marks = new EventMarks();
  /** Calls without a reply that the host may still perform. */
  readonly late = new LateCalls();
  readonly nextRun: NextRunConfig;

  constructor({ hypervisor, balloonPolicy }: VmDomainParts, xml: string) {
    this.hypervisor = hypervisor;
    this.#balloonPolicy = balloonPolicy;
    this.#xml = xml;
    ({ domain: this.#stored, metadata: this.#metadata } = readOwn(xml));
    this.#domain = this.#stored;
    this.#sizes = sizesOf(this.#domain, balloonPolicy);
    this.id = this.#domain.uuid;
    const { id, late, marks } = this;
    this.nextRun = new NextRunConfig({ id, hypervisor, late, marks });
    this.#storedStory = this.#readStory();
    this.#balloonTarget = this.memory;
    this.#balloonTarget = this.#storedTarget ?? this.#startTarget;
  }

  get domain(): Domain {
    return this.#domain;
  }
  get xml(): string {
    return this.#xml;
  }
  /** Returns the memory device with that alias. */
  memoryDevice(alias: string): MemoryDevice | undefined {
    return this.#domain.memoryDevices.find((device) => device.alias === alias);
  }
  /** Returns the device of a step; undefined if it is gone, even if another device has its alias now. */
  deviceOf(step: DeviceStep): MemoryDevice | undefined {
    return deviceOf(this.#domain.memoryDevices, step);
  }
  /** Aliases of its memory devices. */
  get aliases(): ReadonlySet<string> {
    return new Set(this.#domain.memoryDevices.flatMap(({ alias }) => alias ?? []));
  }
  /** Memory that the balloon acts on. */
  get memory(): KiB {
    return this.#sizes.memory;
  }
  /** Memory that the guest can use: {@link memory} plus what virtio-mem devices provide now. */
  get usableMemory(): KiB {
    return this.#sizes.usable;
  }
  /** The most that the VM can have without a restart, devices that can be plugged included. */
  get mostMemory(): KiB {
    return KiB(Math.max(this.usableMemory, this.#domain.maxMemory?.size ?? 0));
  }
  /** The guarantee in force: {@link promised}, at most the VM's memory. */
  get guaranteed(): KiB | undefined {
    return this.#sizes.guaranteed;
  }
  /**
   * The guarantee set last, else the one set at creation, else libvirt's min_guarantee; it can exceed the memory. Undefined if there is none.
   */
  get promised(): KiB | undefined {
    return this.#sizes.promised;
  }
  /** The least that ballooning leaves to the VM. */
  get floor(): KiB {
    return this.#sizes.floor;
  }
  /** Whether anyone wants this VM ballooned: vmemd created it, or it has a guarantee or a target, or all VMs are. */
  get mayBalloon(): boolean {
    return (
      !this.isExternal ||
      this.promised !== undefined ||
      this.story.isAskedFor === true ||
      this.#balloonPolicy.external
    );
  }
  /**
   * The target set last, carried over to the present memory; if none was set, all memory, or what the balloon of another
   * program's VM left when first read.
   */
  get balloonTarget(): KiB {
    return this.#balloonTarget;
  }
  /** How the target came about, carried over with it. */
  get story(): BalloonStory {
    return this.#storedStory ?? this.#story;
  }
  /** Whether another program created the domain: it lacks vmemd's mark with its UUID. vmemd never undefines it. */
  get isExternal(): boolean {
    return this.#domain.metadata?.ownedUuid !== this.id;
  }
  /** Returns whether the operation with these options has read the domain and sent nothing to the hypervisor since. */
  isFresh({ signal }: CallOptions): boolean {
    return signal !== undefined && signal === this.#readBy;
  }

  /** Reads the domain; throws HypervisorError, also if it has stopped, since its XML then describes the next run. */
  async read(options?: CallOptions): Promise<void> {
    const succeed = this.marks.beginRead();
    const xml = await this.hypervisor.domainXml(this.id, options);
    const isSame = xml === this.#xml && !this.#isEdited;
    const { domain, metadata } =
      isSame ? { domain: this.#stored, metadata: this.#metadata } : readable(() => readOwn(xml));
    if (domain.run === undefined && this.#stored.run !== undefined) {
      throw new HypervisorError('failed', 'the domain has stopped');
    }
    succeed();
    // what was read from the text has parts of it: with another one of the same content there would be two
    if (!isSame) this.#xml = xml;
    this.#metadata = metadata;
    this.#isEdited = false;
    this.#readBy = options?.signal;
    this.#take(domain, this.memory);
  }

  /** Gives a VM that does not run the name that its domain has by now. */
  rename(present: string): void {
    const name = xmlText(present);
    if (this.#domain.name === name) return;
    this.#xml = edited(this.#xml, (domain) => {
      const element = find(domain, 'name');
      if (element) setText(element, name);
    });
    this.#take({ ...this.#stored, name }, this.memory);
  }

  /** Whether vmemd changes nothing: then it does not correct or continue anything by itself either. */
  get isReadOnly(): boolean {
    return this.hypervisor.isReadOnly;
  }

  /** Marks the domain as possibly changed since it was read. */
  outdate(): void {
    this.#readBy = undefined;
  }

  /** Adds metadata to the next write; they are in force from now on. */
  intend(changes: OvirtMetadata): void {
    if (this.isReadOnly) return;
    const meant = changes.balloonTarget === undefined ? {} : { balloonTargetMemory: this.memory };
    this.#unwritten = { ...this.#unwritten, ...meant, ...changes };
    this.#take(this.#stored, this.memory);
  }

  /** As {@link intend}, for a target and how it came about. */
  intendTarget(balloonTarget: KiB, story: BalloonStory): void {
    this.intend({ balloonTarget, balloonStory: JSON.stringify(story) });
  }

  /** Takes a target that another program has set; nothing is written into a VM that may not be ballooned. */
  follow(balloonTarget: KiB, story: BalloonStory): void {
    if (this.mayBalloon) this.intendTarget(balloonTarget, story);
    else {
      this.#balloonTarget = balloonTarget;
      this.#story = story;
    }
  }

  /** Metadata that are in force and not written yet. */
  get unwritten(): OvirtMetadata {
    return this.#unwritten;
  }

  /** Runs `change`; the returned function takes back what it intended, unless more was intended since. */
  intendDuring(change: () => void): () => void {
    const [before, target] = [this.#unwritten, this.#balloonTarget];
    change();
    const after = this.#unwritten;
    return () => {
      if (this.#unwritten !== after) return;
      this.#unwritten = before;
      this.#take(this.#stored, this.memory);
      this.#balloonTarget = target;
    };
  }

  /** Writes the intended metadata and `changes` into the live domain, based on the document as last read. */
  protected async writeMetadata(changes: OvirtMetadata, options?: CallOptions): Promise<void> {
    const all = { ...this.#unwritten, ...changes };
    this.#isEdited = true;
    await this.#write(this.#metadata, all, options);
    // A read that ended meanwhile has cleared it.
    this.#isEdited = true;
    this.#unwritten = {};
    this.#take({ ...this.#stored, metadata: { ...this.#stored.metadata, ...all } }, this.memory);
  }

  /** Starts a new run with its own metadata and balloon; targets of earlier runs do not apply. */
  protected startRun(): void {
    this.#unwritten = {};
    this.#take(this.#stored, this.memory);
    const { target } = clampTarget(balloonCurrent(this.#domain), this.#range);
    this.#balloonTarget = target;
    this.#story = { by: 'start' };
    if (this.#domain.metadata?.balloonTarget !== undefined) this.intendTarget(target, this.#story);
  }

  async #write(metadata: Element, changes: OvirtMetadata, options?: CallOptions): Promise<void> {
    const element = {
      ...OVIRT_VM,
      xml: editedMetadata(metadata, { ...changes, keptFor: this.id }),
      where: 'live' as const,
    };
    const fail = this.marks.beginWrite();
    try {
      await this.hypervisor.setMetadata(this.id, element, options);
    } catch (error) {
      fail();
      // editedMetadata has changed them; whether the domain has these metadata too is unknown.
      this.#readBy = undefined;
      throw error;
    }
  }

  #take(stored: Domain, before: KiB): void {
    this.#stored = stored;
    const isIntended = Object.keys(this.#unwritten).length > 0;
    this.#domain =
      isIntended ? { ...stored, metadata: { ...stored.metadata, ...this.#unwritten } } : stored;
    this.#sizes = sizesOf(this.#domain, this.#balloonPolicy);
    this.#storedStory = this.#readStory();
    this.#balloonTarget =
      this.#storedTarget ?? carriedTarget(this.#balloonTarget, before, this.#range);
  }

  #readStory(): BalloonStory | undefined {
    const { metadata = {} } = this.#domain;
    const { balloonTarget, balloonTargetMemory = this.memory, balloonStory = '' } = metadata;
    if (balloonTarget === undefined) return undefined;
    return carriedStory(parseStory(balloonStory) ?? UNTOLD, this.memory - balloonTargetMemory);
  }

  /** The range of targets; a VM that may not be ballooned is raised to no floor. */
  get #range(): BalloonRange {
    return this.mayBalloon ? this : { floor: KiB(0), memory: this.memory };
  }

  /** A VM of vmemd whose balloon is not empty at the start has its target stored. */
  get #startTarget(): KiB {
    if (!this.isExternal) return this.memory;
    return clampTarget(balloonCurrent(this.#domain), this.#range).target;
  }

  get #storedTarget(): KiB | undefined {
    const { balloonTarget, balloonTargetMemory = this.memory } = this.#domain.metadata ?? {};
    if (balloonTarget === undefined) return undefined;
    return carriedTarget(balloonTarget, balloonTargetMemory, this);
  }
}
