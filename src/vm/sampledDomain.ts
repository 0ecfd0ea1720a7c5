import type { Clock } from '../common/clock.ts';
import { KiB, MiB, Milliseconds, Seconds, toKiB, toMilliseconds } from '../common/units.ts';
import type { BalloonSample, CallOptions } from '../host/hypervisor.ts';
import { balloonCurrent } from '../memory/balloon.ts';
import { type Freshness, freshnessOf } from '../memory/freshness.ts';
import { heldOf, type Usage, usageOf } from '../memory/usage.ts';
import { History } from './history.ts';
import { isBalloonSize } from './plausible.ts';
import { type Beginning, RecordedDomain, type RecordedDomainParts } from './recordedDomain.ts';
import { hasStoppedToReport, Silence } from './silence.ts';
import type { VmEvent } from './vmEvent.ts';

export interface SampledDomainParts extends RecordedDomainParts {
  readonly samplingInterval: Seconds;
  /** How many samples of each VM are kept. */
  readonly historySize: number;
}

/** A balloon that holds less counts as empty, since sizes on the wire have whole MiB. */
const LEAST_HELD = toKiB(MiB(1));
/** How long a round of samples takes at most, with guests whose QEMU hangs. */
const SLOW_ROUND = 5000;
const SILENCE =
  'is ballooned and has stopped to report its memory: MoM can only give memory back to it until it reports; restart its balloon driver, or raise its target with VM.setBalloonTarget';

/** A domain with what its guest and its hypervisor have reported of its memory in this run. */
export abstract class SampledDomain extends RecordedDomain {
  readonly clock: Clock;
  readonly samplingInterval: Seconds;
  /** The samples of this run. */
  readonly samples: History;
  #freshnessReported: Freshness['state'] | undefined;
  #silence = new Silence();
  #knownSince: Milliseconds;

  constructor(parts: SampledDomainParts, xml: string) {
    super(parts, xml);
    this.clock = parts.clock;
    this.samplingInterval = parts.samplingInterval;
    this.samples = new History(parts.historySize, { at: this.operations.times.reportsSince });
    this.#knownSince = parts.clock.now();
  }

  abstract get isAlive(): boolean;
  abstract get isPaused(): boolean;
  abstract emit(event: VmEvent): void;

  /** How far the guest's statistics can be trusted now. */
  get freshness(): Freshness {
    return this.#freshnessBefore(Milliseconds(0));
  }
  /** How far they could be trusted some time ago, by what is known now. */
  #freshnessBefore(lag: Milliseconds): Freshness {
    const { newest, reportSeenAt } = this.samples;
    const { balloon } = this.domain;
    const seenFor = reportSeenAt === undefined ? 0 : this.clock.now() - lag - reportSeenAt;
    return freshnessOf({
      isSampled: newest !== undefined,
      seenFor: Seconds(seenFor / 1000),
      hasDevice: balloon !== undefined && balloon.model !== 'none',
      period: balloon?.statsPeriod ?? Seconds(0),
      isPaused: this.isPaused,
      lastUpdate: newest?.lastUpdate,
      hasValues: (newest?.available ?? newest?.unused ?? newest?.usable) !== undefined,
      now: Seconds(this.clock.wallTime() - lag / 1000),
      samplingInterval: this.samplingInterval,
    });
  }
  /**
   * Whether the guest is ballooned, and had stopped to report its memory in this boot when it was last sampled: a time in
   * which the hypervisor does not answer is no silence of the guest.
   */
  get isSilent(): boolean {
    const { newest } = this.samples;
    if (!this.isAlive || !newest?.lastUpdate || (newest.balloonHeld ?? 0) < LEAST_HELD)
      return false;
    return hasStoppedToReport(this.#freshnessBefore(Milliseconds(this.clock.now() - newest.at)));
  }
  /** Whether clients that decide by the guest's figures must not take memory from it. */
  get keepsMemory(): boolean {
    return this.isSilent || this.#silence.isRemembered(this.clock.now());
  }
  /** Whether the hypervisor is there, and has answered for this VM in one of the last rounds of samples. */
  get isAnswering(): boolean {
    const { isConnected, hungDomains } = this.hypervisor;
    if (!isConnected || hungDomains.has(this.id)) return false;
    const patience = 2 * toMilliseconds(this.samplingInterval) + SLOW_ROUND;
    return this.clock.now() - this.answeredAt <= patience;
  }
  /**
   * Whether libvirt's note of the balloon's size may be old: it follows QEMU's events, which come once a second while the
   * balloon moves, and not at all when memory devices come or go.
   */
  get isBalloonUnsettled(): boolean {
    const { domain, samples, balloonTarget } = this;
    return domain.memoryDevices.length > 0 || samples.newest?.current !== balloonTarget;
  }
  /** The parts of the VM's memory by the newest sample. */
  get usage(): Usage {
    const { newest } = this.samples;
    const autodeflate = this.domain.balloon?.autodeflate ?? false;
    const { usableMemory } = this;
    const virtioMem = usableMemory - this.memory;
    const figures =
      newest?.current === undefined || virtioMem === 0 ?
        newest
      : { ...newest, current: KiB(newest.current + virtioMem) };
    return usageOf(usableMemory, autodeflate, figures ?? {});
  }
  /** When the VM was last sampled, on the clock; before the first sample, when its run became known. */
  get answeredAt(): Milliseconds {
    return this.samples.newest?.at ?? this.#knownSince;
  }
  /** Adds a sample; `askedAt`: when the hypervisor was asked for it, on the clock. */
  protected addSample(sample: BalloonSample, askedAt: Milliseconds): void {
    const { current } = sample;
    const balloonHeld = current === undefined ? undefined : heldOf(this.memory, current);
    this.samples.push(
      { ...sample, balloonHeld, at: this.clock.now() },
      { askedAt, wallTime: this.clock.wallTime() },
    );
  }

  /** Returns whether the guest's counters began anew since the newest sample: it has rebooted without an event. */
  showsReboot({ lastUpdate, minorFaults }: BalloonSample): boolean {
    const before = this.samples.newest;
    return (
      lastUpdate !== before?.lastUpdate &&
      minorFaults !== undefined &&
      minorFaults < (before?.minorFaults ?? 0)
    );
  }

  /** Records what the balloon leaves now, in KiB, between two samples. */
  recordBalloon(current: KiB): void {
    if (!isBalloonSize(current, this.mostMemory)) return;
    this.samples.moveBalloon(current, heldOf(this.memory, current), this.clock.now());
    this.emit({ kind: 'balloon-change', current });
  }

  /** Reads the domain; updates the newest sample if the memory has changed. */
  override async read(options?: CallOptions): Promise<void> {
    const { memory } = this;
    await super.read(options);
    if (this.memory === memory) return;
    const current = balloonCurrent(this.domain);
    this.samples.correctBalloon(current, heldOf(this.memory, current), this.clock.now());
  }

  /** Emits the freshness if it has changed since it was last emitted. */
  protected reportFreshness(): void {
    if (!this.samples.newest) return;
    const { freshness } = this;
    this.#reportSilence(freshness);
    if (freshness.state === this.#freshnessReported) return;
    this.#freshnessReported = freshness.state;
    this.emit({ kind: 'freshness', freshness });
  }

  /** Emits and logs once that a ballooned guest has stopped to report, and once that this has ended. */
  #reportSilence(freshness: Freshness): void {
    const { clock, domain, samplingInterval, log, isSilent } = this;
    const period = domain.balloon?.statsPeriod ?? 0;
    const patience = toMilliseconds(Seconds(period + samplingInterval));
    const hasBegun = this.#silence.update(isSilent, clock.now(), patience);
    if (hasBegun === undefined) return;
    const { current, balloonHeld } = this.samples.newest ?? {};
    const facts = { vmId: this.id, statistics: freshness.state, current, held: balloonHeld };
    if (hasBegun) log.warn(facts, `the guest ${SILENCE}`);
    else if (freshness.state === 'fresh') log.info(facts, 'the guest reports its memory again');
    else log.info(facts, 'the guest is no longer ballooned, or boots anew');
    this.emit({ kind: 'balloon-silent', isSilent: hasBegun, freshness, current });
  }

  /** Begins another boot of the guest in the same run. */
  protected endBoot(): void {
    this.#silence.forget();
    this.samples.beginBoot(this.operations.times.reportsSince, this.clock.now());
  }

  /** Begins a new run: the samples of the one before are dropped. */
  protected override beginRun(beginning?: Beginning, isSeen = true): void {
    super.beginRun(beginning, isSeen);
    this.#knownSince = this.clock.now();
    this.samples.beginRun(this.operations.times.reportsSince);
    this.#freshnessReported = undefined;
    this.#silence = new Silence();
  }
}
