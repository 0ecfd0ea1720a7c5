import { Milliseconds } from '../../common/units.ts';
import type { BalloonStory } from '../../memory/balloonStory.ts';

/** A VM with its target. */
interface Targeted {
  readonly id: string;
  readonly story: BalloonStory;
}

/** A client's last request of a target; its time is in milliseconds since 1970. */
interface Request {
  readonly at: Milliseconds;
  readonly byMom: boolean;
}

/**
 * Knows which VMs the policy leaves to clients: those with a target that a client has set a short time ago. The time of
 * a target is in the VM's record, so that this holds over a restart; that a client has repeated it is known here alone.
 */
export class Pins {
  readonly #duration: Milliseconds;
  readonly #requests = new Map<string, Request>();

  constructor(duration: Milliseconds) {
    this.#duration = duration;
  }

  /** Records that a client has set a target, also one that was set before. */
  note(id: string, request: Request): void {
    this.#requests.delete(id);
    this.#requests.set(id, request);
    for (const [oldest, { at }] of this.#requests) {
      if (request.at - at <= this.#duration) return;
      this.#requests.delete(oldest);
    }
  }

  /** Whether a client has set the VM's target within the time before `now`, in milliseconds since 1970. */
  isPinned(vm: Targeted, now: Milliseconds): boolean {
    return this.pinnedUntil(vm, now) !== undefined;
  }

  /** Returns when the VM is left to the client no longer; undefined if it is not now. */
  pinnedUntil({ id, story }: Targeted, now: Milliseconds): Milliseconds | undefined {
    // A guarantee that raises the balloon is by a client too, but is no wish for a size.
    if (story.by !== 'client' || story.wished === undefined) return undefined;
    const { since = -Infinity } = story;
    const request = this.#requests.get(id);
    if (request?.byMom === true && since <= request.at) return undefined;
    const last = Math.max(since, request?.at ?? -Infinity);
    // The wall clock may have been set back since.
    const isPinned = Math.abs(now - last) < this.#duration;
    return isPinned ? Milliseconds(last + this.#duration) : undefined;
  }
}
