import { omitUndefined } from '../../../src/common/omitUndefined.ts';
import { Claims } from './claims.ts';
import { type Play, vmID } from './play.ts';
import { type Resized, resizedWrongly } from './resized.ts';
import type { Wish } from './steps.ts';

const MIB = 1024;
/** The largest device that a step plugs, in KiB. */
const LARGEST = 5 * 128 * MIB;

type Ask = (method: string, params: object) => Promise<unknown>;

/** A client that changes a VM's memory, and what has to hold because of that. */
export class Client {
  /** Memory that the next run may begin with, in MiB. */
  readonly nextRuns: Set<number>;
  readonly claims: Claims;
  /** The expected memory of the last VM.setMemory, in MiB; undefined if it was refused. */
  expected: number | undefined;
  readonly #play: Play;
  /** In MiB: the least requested memory, and the devices that were unplugged one by one. */
  #lowestWish: number;
  #askedBack = 0;

  private constructor(play: Play, memory: number, guaranteed: number, nextRun: number) {
    this.#play = play;
    this.nextRuns = new Set([nextRun]);
    this.claims = new Claims(guaranteed);
    this.#lowestWish = memory;
  }

  /** A client of a VM that exists already. */
  static async of(play: Play): Promise<Client> {
    const { provided = 0, guaranteed = 0 } = (await play.view()) ?? {};
    const next = await play.truth.nextRun();
    return new Client(play, provided / MIB, guaranteed, next.provided / MIB);
  }

  /** The least memory that the VM may be left with, in MiB. */
  get floor(): number {
    return this.#lowestWish - this.#askedBack;
  }

  /** Asks vmemd for it, or the one that `ask` calls. */
  async wish(what: Wish, ask: Ask = (method, params) => this.#play.ask(method, params)) {
    switch (what.kind) {
      case 'plug':
        return this.#plug(what, ask);
      case 'unplug':
        return this.#unplug(what, ask);
      case 'resize':
        return this.#resize(what, ask);
      case 'guarantee':
        this.#claim(what.mib, false);
        await ask('VM.setGuaranteedMemory', { guaranteed: what.mib });
        return;
      case 'target':
        await ask('VM.setBalloonTarget', { target: what.mib * MIB });
        return;
      case 'period':
        await ask('VM.setMemoryStatsPeriod', { period: what.seconds });
        return;
      default:
        // Memory that is plugged when a guest boots is in use from the start.
        if (what.kind === 'reset') this.#play.canOnline = true;
        await ask(`VM.${what.kind}`, {});
    }
  }

  async #plug({ blocks, guarantee }: Extract<Wish, { kind: 'plug' }>, ask: Ask): Promise<void> {
    this.#claim(guarantee, false);
    const memory = { device: 'memory', size: blocks * 128, node: 0 };
    const params = omitUndefined({ vmId: vmID, memory, memGuaranteedSize: guarantee });
    await ask('VM.hotplugMemory', { params });
  }

  async #unplug({ device, guarantee }: Extract<Wish, { kind: 'unplug' }>, ask: Ask): Promise<void> {
    this.#claim(guarantee, true);
    const alias = await this.nth(device);
    this.askBack(alias);
    const params = omitUndefined({ vmId: vmID, memory: { alias }, memGuaranteedSize: guarantee });
    await ask('VM.hotunplugMemory', { params });
  }

  async #resize({ memory, options }: Extract<Wish, { kind: 'resize' }>, ask: Ask): Promise<void> {
    const play = this.#play;
    const view = await play.view();
    const before = view && view.provided / MIB;
    const isSafe = before !== undefined && (await play.isQuiet()) && (await play.jobsRun()) === 0;
    this.#claim(options.guaranteed, before !== undefined && memory < before && isSafe);
    this.nextRuns.add(memory);
    this.#lowestWish = Math.min(this.#lowestWish, memory);
    const answer = (await ask('VM.setMemory', { memory, ...options })) as Resized | undefined;
    this.expected = options.dryRun === true ? undefined : answer?.expected_mib;
    const wrong = answer && resizedWrongly(answer, isSafe ? before : undefined);
    if (wrong !== undefined) play.complaints.push(`VM.setMemory to ${String(memory)}: ${wrong}`);
  }

  #claim(guarantee: number | undefined, needsRemoval: boolean): void {
    if (guarantee === undefined) return;
    this.claims.add({ guarantee, at: this.#play.world.clock.now(), needsRemoval });
  }

  /** The alias of one of the devices, or one that none has. */
  async nth(device: number): Promise<string> {
    const view = await this.#play.view();
    return view?.devices[device]?.alias ?? `dimm${String(device)}`;
  }

  /** Records that the device with that alias is being unplugged, by this client or by another program. */
  askBack(alias: string): void {
    this.#askedBack += (this.#play.truth.sizeOf(alias) ?? LARGEST) / MIB;
  }
}
