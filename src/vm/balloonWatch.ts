import type { Clock } from '../common/clock.ts';
import { wallMilliseconds } from '../common/time.ts';
import { KiB, Milliseconds, type Seconds } from '../common/units.ts';
import type { Domain } from '../domain-xml/types.ts';
import { follow, isNear, type Motion, type Moving, movingOf } from '../memory/balloonMotion.ts';
import type { BalloonStory } from '../memory/balloonStory.ts';
import { heldOf } from '../memory/usage.ts';

/** The VM whose balloon is followed. */
interface Watched {
  readonly clock: Clock;
  readonly domain: Domain;
  readonly memory: KiB;
  readonly balloonTarget: KiB;
  readonly story: BalloonStory;
  readonly samplingInterval: Seconds;
  readonly isPaused: boolean;
}

/** How long a guest may take to start its balloon driver and fill the balloon. */
const STARTING = Milliseconds(120_000);

/** How long a balloon that has not reached its target may stand still before it is stuck, besides two samples. */
const PATIENCE = Milliseconds(30_000);

/** Follows the balloon of one VM to its target. */
export class BalloonWatch {
  readonly #vm: Watched;
  #motion: Motion | undefined;
  #bootedAt = Milliseconds(-Infinity);
  /** When the balloon came to the rest that was taken last, on the clock. */
  #restTaken: Milliseconds | undefined;
  /** Whether the balloon was seen to move in this boot and to reach its target then. */
  #hasSettled = false;

  constructor(vm: Watched) {
    this.#vm = vm;
  }

  /** How the balloon has moved as far as it was seen. */
  get motion(): Motion | undefined {
    return this.#motion;
  }
  /** Whether the guest has begun a boot a short time ago. */
  get isStarting(): boolean {
    return !this.#hasSettled && this.#vm.clock.now() - this.#bootedAt < STARTING;
  }

  /** Records that the guest begins another boot: its driver fills the balloon anew. */
  begin(): void {
    this.#motion = undefined;
    this.#hasSettled = false;
    this.#bootedAt = this.#vm.clock.now();
  }

  /** Records what the balloon leaves now, and returns how it has moved. */
  see(current: KiB): Motion {
    const before = this.#motion;
    const motion = (this.#motion = this.#motionAt(current));
    const hasMoved = before !== undefined && before.held !== motion.held;
    this.#hasSettled ||= hasMoved && isNear(motion.held, motion.wanted);
    return motion;
  }

  /** Returns whether the balloon has not moved for `patience`, but only once for each such rest. */
  takeRest(patience: Milliseconds): boolean {
    const movedAt = this.#motion?.movedAt;
    if (movedAt === undefined || movedAt === this.#restTaken) return false;
    if (this.#vm.clock.now() - movedAt < patience) return false;
    this.#restTaken = movedAt;
    return true;
  }

  /** Returns how the balloon stands to its target, given what it leaves now. */
  moving(current: KiB): Moving {
    const { clock, samplingInterval } = this.#vm;
    const patience = Milliseconds(PATIENCE + 2000 * samplingInterval);
    return movingOf(this.#motionAt(current), clock.now(), patience);
  }

  #motionAt(current: KiB): Motion {
    const { clock, domain, memory, balloonTarget, story, isPaused } = this.#vm;
    const held = heldOf(memory, current);
    const wanted = heldOf(memory, balloonTarget);
    const { by, since = -Infinity, least, most } = story;
    const unknown = by === 'start' ? wanted : KiB(Math.max(held, wanted));
    const seen = {
      held,
      wanted,
      setAt: Milliseconds(clock.now() - wallMilliseconds(clock) + since),
      least: most === undefined ? KiB(0) : heldOf(memory, most),
      most: least === undefined ? unknown : heldOf(memory, least),
      autodeflate: domain.balloon?.autodeflate ?? false,
      isStarting: this.isStarting,
    };
    const motion = follow(this.#motion, seen, clock.now());
    // The guest of a paused VM cannot move it.
    return isPaused ? { ...motion, movedAt: clock.now() } : motion;
  }
}
