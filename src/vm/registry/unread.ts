import type { Cancel, Clock } from '../../common/clock.ts';
import { VdsmError } from '../../common/errors.ts';
import { messageOf } from '../../common/messageOf.ts';
import { Milliseconds } from '../../common/units.ts';
import { type DomainSummary, HypervisorError } from '../../host/hypervisor.ts';

/** A domain that exists and could not be read. */
export interface UnreadDomain {
  readonly domain: DomainSummary;
  /** Why, as a text for users. */
  readonly reason: string;
  /** Whether the hypervisor did not answer; any other domain stays unreadable until its XML is changed. */
  readonly isPassing: boolean;
}

interface Entry extends UnreadDomain {
  readonly attempts: number;
  readonly due: Milliseconds;
}

/** The time before the first repetition, as in VDSM (clientIF.py); it doubles up to the longest. */
const FIRST = 5000;
const LONGEST = 600_000;

/** The domains that could not be read, each of which is due again after a time of its own. */
export class Unread {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #entries = new Map<string, Entry>();
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  [Symbol.iterator](): IterableIterator<UnreadDomain> {
    return this.#entries.values();
  }

  get(uuid: string): UnreadDomain | undefined {
    return this.#entries.get(uuid);
  }

  /** Whether the domain was read, or is due to be read again. */
  isDue(uuid: string): boolean {
    const entry = this.#entries.get(uuid);
    return entry === undefined || entry.due <= this.#clock.now();
  }

  /** Records a failed attempt. Returns whether its reason is new. */
  add(domain: DomainSummary, error: unknown): boolean {
    const before = this.#entries.get(domain.uuid);
    const attempts = (before?.attempts ?? 0) + 1;
    const delay = Math.min(FIRST * 2 ** (attempts - 1), LONGEST);
    const reason = messageOf(error);
    const isPassing = error instanceof HypervisorError;
    const due = Milliseconds(this.#clock.now() + delay);
    this.#entries.set(domain.uuid, { domain, reason, isPassing, attempts, due });
    this.#arm();
    return reason !== before?.reason;
  }

  /** Makes a domain due now, as something about it has changed. */
  hasten(uuid: string): void {
    const entry = this.#entries.get(uuid);
    if (!entry) return;
    this.#entries.set(uuid, { ...entry, attempts: 0, due: this.#clock.now() });
    this.#arm();
  }

  delete(uuid: string): void {
    if (this.#entries.delete(uuid)) this.#arm();
  }

  /** Removes the domains that no longer exist. */
  keep(existing: ReadonlySet<string>): void {
    for (const uuid of this.#entries.keys()) if (!existing.has(uuid)) this.delete(uuid);
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    this.#cancel();
    const dues = [...this.#entries.values()].map(({ due }) => due);
    if (dues.length === 0) return;
    const delay = Math.max(0, Math.min(...dues) - this.#clock.now());
    this.#cancel = this.#clock.after(Milliseconds(delay), this.#onDue);
  }
}

/** Returns the error for requests for such a domain. */
export const unreadError = ({ domain, reason, isPassing }: UnreadDomain): VdsmError =>
  isPassing ?
    new VdsmError('Recovering', 'this VM could not be read yet; try again')
  : new VdsmError(
      'UnexpectedError',
      `the domain XML of this VM cannot be read: ${reason} (virsh edit ${domain.uuid})`,
    );
