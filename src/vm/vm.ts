import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { withMetadata } from '../domain-xml/edit.ts';
import { editedMetadata, guaranteeOf, OVIRT_VM } from '../domain-xml/metadata.ts';
import { parseDomain } from '../domain-xml/parse.ts';
import type { Domain, MemoryDevice, OvirtMetadata } from '../domain-xml/types.ts';
import { VdsmError } from '../errors.ts';
import type { BalloonSample, Bound, HostEvent, Hypervisor } from '../host/hypervisor.ts';
import { balloonableMemory, carriedTarget, clampTarget, wholeMiB } from '../memory/balloon.ts';
import { type Freshness, freshnessOf } from '../memory/freshness.ts';
import { heldOf, type Usage, usageOf } from '../memory/usage.ts';
import { KiB, type Milliseconds, Seconds, toKiB } from '../units.ts';
import { Lane } from './lane.ts';
import { History } from './history.ts';
import { parseUnplugs, type PendingUnplugs } from './pendingUnplugs.ts';
import {
  afterReport,
  beginsRun,
  type Exit,
  exits,
  type Life,
  lifeAfter,
  passing,
  statusAt,
  type VmStatus,
} from './status.ts';

/** What every VM works with. */
export interface VmParts {
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long one operation on a VM may take, waiting for its turn included. */
  readonly timeout: Milliseconds;
  /** Tells the VM's listeners; called whenever what clients see of the VM has changed by itself. */
  readonly announce: (vm: Vm, news: News) => void;
  readonly samplingInterval: Seconds;
  /** How many samples of each VM are kept. */
  readonly historySize: number;
}

/** What a VM has to tell without being asked; sizes in KiB. */
export type News =
  | { readonly kind: 'status'; readonly status: VmStatus }
  | { readonly kind: 'freshness'; readonly freshness: Freshness }
  | { readonly kind: 'balloon-change'; readonly current: KiB }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly alias: string;
      readonly size?: KiB;
    }
  | { readonly kind: 'memory-device-size-change'; readonly alias: string; readonly size: KiB };

/** One VM: its domain as last read, where it is in its life, and its memory as agreed with clients. */
export class Vm {
  readonly id: string;
  readonly lane: Lane;
  /** Why the statistics period is not the one wanted, for people; undefined where nothing is amiss. */
  statsPeriodProblem: string | undefined;
  readonly #parts: VmParts;
  #xml: string;
  #domain: Domain;
  /** As `deviceChanges` told them last. */
  #knownDevices: readonly MemoryDevice[];
  #life: Life;
  #told: VmStatus | undefined;
  /** What the hypervisor told of this life before the start was through. */
  #meanwhile: Life | undefined;
  readonly #samples: History;
  #freshnessTold: Freshness['state'] | undefined;
  #knownSince: Milliseconds;
  #startedAt: Milliseconds | undefined;
  /** As it was promised; see `guaranteed`. */
  #promised: KiB;
  #balloonTarget: KiB;

  constructor(parts: VmParts, xml: string, life: Life) {
    this.#parts = parts;
    this.#xml = xml;
    this.#domain = parseDomain(xml);
    this.#knownDevices = this.#domain.memoryDevices;
    this.#life = life;
    this.id = this.#domain.uuid;
    this.lane = new Lane(parts.clock, parts.timeout);
    this.#samples = new History(parts.historySize);
    this.#knownSince = parts.clock.now();
    this.#promised = promisedOf(this.#domain);
    this.#balloonTarget = this.#storedTarget();
  }

  get hypervisor(): Hypervisor {
    return this.#parts.hypervisor;
  }
  get clock(): Clock {
    return this.#parts.clock;
  }
  get log(): Logger {
    return this.#parts.log;
  }
  get domain(): Domain {
    return this.#domain;
  }
  get xml(): string {
    return this.#xml;
  }
  /** What was sampled in this run. */
  get samples(): History {
    return this.#samples;
  }
  /** How far the guest's statistics can be trusted now. */
  get freshness(): Freshness {
    const { newest } = this.#samples;
    const { balloon } = this.#domain;
    return freshnessOf({
      hasDevice: balloon !== undefined && balloon.model !== 'none',
      period: balloon?.statsPeriod ?? Seconds(0),
      isPaused: this.isPaused,
      lastUpdate: newest?.lastUpdate,
      hasValues: (newest?.available ?? newest?.unused ?? newest?.usable) !== undefined,
      now: this.clock.wallTime(),
      samplingInterval: this.#parts.samplingInterval,
    });
  }
  /** Where the VM's memory is, by the newest sample; the guest's part of it only while it is fresh. */
  get usage(): Usage {
    const { newest } = this.#samples;
    const autodeflate = this.#domain.balloon?.autodeflate ?? false;
    return usageOf(this.memory, autodeflate, newest ?? {});
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
  /** Memory that the balloon acts on. */
  get memory(): KiB {
    return balloonableMemory(this.#domain);
  }
  /** When the VM was seen to start, on the clock; unknown for a VM that ran before vmemd did. */
  get startedAt(): Milliseconds | undefined {
    return this.#startedAt;
  }
  /** When its hypervisor last answered for this VM; before the first answer, since when that is waited for. */
  get answeredAt(): Milliseconds {
    return this.#samples.newest?.at ?? this.#knownSince;
  }
  get status(): VmStatus {
    return statusAt(this.#life, this.clock.now());
  }
  /** How the VM ended; undefined unless it is Down. */
  get exit(): Exit | undefined {
    return this.#life.phase === 'down' ? this.#life.exit : undefined;
  }
  get phase(): Life['phase'] {
    return this.#life.phase;
  }
  get isLaunching(): boolean {
    return this.phase === 'launching';
  }
  get isPaused(): boolean {
    return this.phase === 'paused';
  }
  /** Why the VM is paused, in VDSM's words (virt/vm.py); undefined while it is not. */
  get pauseCode(): 'NOERR' | 'EOTHER' | undefined {
    if (this.#life.phase !== 'paused') return undefined;
    return this.#life.byIoError ? 'EOTHER' : 'NOERR';
  }
  /** Whether there is a running or paused domain to act on. */
  get isAlive(): boolean {
    return this.phase === 'running' || this.phase === 'paused';
  }
  /** Made by somebody else, as it does not bear our mark for this very domain: never undefined by us. */
  get isExternal(): boolean {
    return this.#domain.metadata?.ownedUuid !== this.id;
  }

  /** Throws VMIsDown unless there is a domain to act on. */
  requireAlive(): void {
    if (this.isAlive) return;
    const advice = this.isLaunching ? 'wait until it has started' : 'destroy it and create it anew';
    throw new VdsmError('VMIsDown', `the VM is ${this.status}; ${advice}`);
  }

  /** Moves on in life, and tells if clients now see another status. */
  enter(life: Life): void {
    this.#life = life;
    if (life.phase === 'down') this.#samples.clear();
    this.tell();
  }

  /** Moves on in life after a verb has done its work; a VM that has ended meanwhile stays Down. */
  become(life: Life): void {
    if (this.isAlive) this.enter(life);
  }

  /** The VM's status for as long as its guest does what it was asked for; one that is paused does nothing. */
  pass(status: 'RebootInProgress' | 'Powering down'): void {
    if (this.phase === 'running') this.enter(passing(status, this.clock.now()));
  }

  /** Tells the status and the freshness that are not the ones last told: some end by themselves. */
  tell(): void {
    const { status } = this;
    if (status !== this.#told) {
      this.#told = status;
      this.announce({ kind: 'status', status });
    }
    if (!this.isAlive || !this.#samples.newest) return;
    const { freshness } = this;
    if (freshness.state === this.#freshnessTold) return;
    this.#freshnessTold = freshness.state;
    this.announce({ kind: 'freshness', freshness });
  }

  announce(news: News): void {
    this.#parts.announce(this, news);
  }

  /** Enters the life of a VM whose start has just succeeded, or that has ended since. */
  launched(isPaused: boolean): void {
    this.#begin();
    this.#knownDevices = this.#domain.memoryDevices;
    const life: Life = isPaused ? { phase: 'paused' } : passing('Powering up', this.clock.now());
    this.enter(this.#meanwhile?.phase === 'down' ? this.#meanwhile : life);
  }

  /** Takes in that the start has failed; one that was given up too early may have come to pass all the same. */
  failedToLaunch(message: string): void {
    this.#begin();
    const meanwhile = this.#meanwhile;
    const runs = meanwhile !== undefined && meanwhile.phase !== 'down';
    this.enter(runs ? meanwhile : { phase: 'down', exit: exits.failedStart(message) });
  }

  /** Takes a lifecycle event in. */
  observe({ event, detail }: Extract<HostEvent, { kind: 'lifecycle' }>): void {
    const before = (this.isLaunching && this.#meanwhile) || this.#life;
    const next = lifeAfter(before, event, detail, this.clock.now());
    if (this.isLaunching) {
      this.#meanwhile = next ?? this.#meanwhile;
      return;
    }
    if (beginsRun(event, detail)) this.#begin();
    if (next) this.enter(next);
  }

  /** Takes a new sample in. */
  record(sample: BalloonSample): void {
    if (!this.isAlive) return;
    const { current } = sample;
    const held = current === undefined ? {} : { balloonHeld: heldOf(this.memory, current) };
    this.#samples.push({ ...sample, ...held, at: this.clock.now() });
    if (sample.lastUpdate) this.#life = afterReport(this.#life);
    this.tell();
  }

  /** Takes the balloon's new size in, between two samples. */
  recordBalloon(current: KiB): void {
    this.#samples.correctBalloon(current, heldOf(this.memory, current));
    this.announce({ kind: 'balloon-change', current });
  }

  /**
   * Reads the domain again. Where its memory has changed, so has the size that the balloon leaves, and the target is
   * carried over so that the balloon keeps its own; it is written down if a client ever set one.
   */
  async refresh(bound?: Bound): Promise<void> {
    const before = this.memory;
    this.#read(await this.hypervisor.domainXml(this.id, bound));
    if (this.memory === before) return;
    this.#balloonTarget = carriedTarget(this.#balloonTarget, before, this);
    const { currentMemory } = this.#domain;
    this.#samples.correctBalloon(currentMemory, heldOf(this.memory, currentMemory));
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
    this.#knownDevices = this.#domain.memoryDevices;
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

  /** A new run of the domain begins. */
  #begin(): void {
    this.#startedAt = this.#knownSince = this.clock.now();
    this.#samples.clear();
    this.#freshnessTold = undefined;
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
