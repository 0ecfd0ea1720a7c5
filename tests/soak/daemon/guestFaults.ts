import { KiB } from '../../../src/common/units.ts';
import { ordinary } from '../../../src/host/simulated/guest/behaviour.ts';
import type { GuestControl } from '../../../src/host/simulated/control.ts';
import type { SimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import type { FaultCounts } from './messages.ts';

/** How often something happens in a guest, in ms. */
const INTERVAL = 150;
/** The longest time for which a QEMU hangs, in ms. */
const HANGS = 6000;
const MIB = 1024;

type Deed = (guest: GuestControl, random: () => number) => (() => void) | undefined;

const nothingToUndo = (work: (guest: GuestControl, random: () => number) => void): Deed => {
  return (guest, random) => {
    work(guest, random);
    return undefined;
  };
};

/** Each with its share. */
const DEEDS: readonly (readonly [share: number, deed: Deed])[] = [
  [0.04, nothingToUndo((guest) => guest.crash())],
  [0.04, nothingToUndo((guest) => guest.shutDownFromInside())],
  [0.12, nothingToUndo((guest) => guest.rebootFromInside())],
  [0.1, (guest) => guest.hang()],
  [0.1, nothingToUndo((guest) => guest.setBehaviour({ unplug: 'refuses' }))],
  [0.1, nothingToUndo((guest) => guest.setBehaviour({ unplug: 'ignores' }))],
  [0.1, nothingToUndo((guest) => guest.setBehaviour({ statistics: false }))],
  [0.1, nothingToUndo((guest) => guest.setBehaviour({ onlines: false }))],
  [0.1, nothingToUndo((guest) => guest.setBehaviour(ordinary))],
  [
    0.2,
    nothingToUndo((guest, random) => guest.setWorkingSet(KiB(Math.round(random() * 900) * MIB))),
  ],
];

/** What guests do by themselves while vmemd manages them. */
export class GuestFaults {
  readonly #host: SimulatedHost;
  readonly #random: () => number;
  readonly #counts: Pick<FaultCounts, 'guests'>;
  readonly #hanging = new Map<NodeJS.Timeout, () => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(host: SimulatedHost, random: () => number, counts: Pick<FaultCounts, 'guests'>) {
    this.#host = host;
    this.#random = random;
    this.#counts = counts;
  }

  stir(): void {
    this.#timer ??= setInterval(() => void this.#happen().catch(() => undefined), INTERVAL);
  }

  /** Ends all that hangs, and lets all guests behave. */
  async calm(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const [timer, release] of this.#hanging) {
      clearTimeout(timer);
      release();
    }
    this.#hanging.clear();
    for (const uuid of await this.#running()) this.#host.guest(uuid).setBehaviour(ordinary);
  }

  async #running(): Promise<readonly string[]> {
    const domains = await this.#host.listDomains();
    return domains.filter(({ state }) => state === 'running').map(({ uuid }) => uuid);
  }

  async #happen(): Promise<void> {
    const running = await this.#running();
    const uuid = running[Math.floor(this.#random() * running.length)];
    if (uuid === undefined || !this.#timer) return;
    this.#counts.guests += 1;
    const undo = this.#drawn()(this.#host.guest(uuid), this.#random);
    if (!undo) return;
    const timer = setTimeout(() => {
      this.#hanging.delete(timer);
      undo();
    }, HANGS * this.#random());
    this.#hanging.set(timer, undo);
  }

  #drawn(): Deed {
    let drawn = this.#random();
    const found = DEEDS.find(([share]) => (drawn -= share) < 0);
    return (found ?? DEEDS[DEEDS.length - 1])?.[1] ?? (() => undefined);
  }
}
