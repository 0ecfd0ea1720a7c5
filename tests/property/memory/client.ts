import { floorMiB, KiB, MiB, toKiB } from '../../../src/common/units.ts';
import { omitUndefined } from '../../../src/common/omitUndefined.ts';
import { Claims } from './claims.ts';
import { type Play, vmID } from './play.ts';
import { type Resized, resizedWrongly } from './resized.ts';
import type { Wish } from './steps.ts';

/** Of what a step may plug. */
const LARGEST = toKiB(MiB(5 * 128));

/** Who asks for changes of a VM's memory, and what has to hold because of that. */
export class Client {
  /** Memory that the next run may begin with, in MiB. */
  readonly nextRuns: Set<number>;
  readonly claims: Claims;
  /** What the last VM.setMemory let expect, in MiB; undefined where it was refused. */
  expected: number | undefined;
  readonly #play: Play;
  /** In MiB: the least memory that was asked for, and what is asked back device by device. */
  #lowestWish: number;
  #askedBack = 0;

  constructor(play: Play, nextRun: number) {
    this.#play = play;
    this.nextRuns = new Set([nextRun]);
    this.claims = new Claims(play.vm?.guaranteed ?? KiB(0));
    this.#lowestWish = play.memory ?? 0;
  }

  /** The least memory that the VM may be left with, in MiB. */
  get floor(): number {
    return this.#lowestWish - this.#askedBack;
  }

  async wish(what: Wish): Promise<void> {
    switch (what.kind) {
      case 'plug':
        return this.#plug(what);
      case 'unplug':
        return this.#unplug(what);
      case 'resize':
        return this.#resize(what);
      case 'guarantee':
        this.#claim(what.mib, false);
        await this.#play.ask('VM.setGuaranteedMemory', { guaranteed: what.mib });
        return;
      case 'target':
        await this.#play.ask('VM.setBalloonTarget', { target: what.mib * 1024 });
        return;
      default:
        // What is plugged when a machine starts anew is memory like any other.
        if (what.kind === 'reset') this.#play.canOnline = true;
        await this.#play.ask(`VM.${what.kind}`, {});
    }
  }

  async #plug({ blocks, guarantee }: Extract<Wish, { kind: 'plug' }>): Promise<void> {
    this.#claim(guarantee, false);
    const memory = { device: 'memory', size: blocks * 128, node: 0 };
    const params = omitUndefined({ vmId: vmID, memory, memGuaranteedSize: guarantee });
    await this.#play.ask('VM.hotplugMemory', { params });
  }

  async #unplug({ device, guarantee }: Extract<Wish, { kind: 'unplug' }>): Promise<void> {
    this.#claim(guarantee, true);
    const alias = this.nth(device);
    this.askBack(alias);
    const params = omitUndefined({ vmId: vmID, memory: { alias }, memGuaranteedSize: guarantee });
    await this.#play.ask('VM.hotunplugMemory', { params });
  }

  async #resize({ memory, options }: Extract<Wish, { kind: 'resize' }>): Promise<void> {
    const wasQuiet = this.#play.isQuiet;
    const before = this.#play.memory;
    const isSafe = before !== undefined && this.#play.jobsRun === 0 && wasQuiet;
    this.#claim(options.guaranteed, before !== undefined && memory < before && isSafe);
    this.nextRuns.add(memory);
    this.#lowestWish = Math.min(this.#lowestWish, memory);
    const answer = (await this.#play.ask('VM.setMemory', { memory, ...options })) as
      Resized | undefined;
    this.expected = options.dryRun === true ? undefined : answer?.expected_mib;
    const wrong = answer && resizedWrongly(answer, isSafe ? before : undefined);
    if (wrong !== undefined)
      this.#play.complaints.push(`VM.setMemory to ${String(memory)}: ${wrong}`);
  }

  #claim(guarantee: number | undefined, needsRemoval: boolean): void {
    if (guarantee === undefined) return;
    this.claims.add({ guarantee: MiB(guarantee), at: this.#play.world.clock.now(), needsRemoval });
  }

  /** The alias of one of the devices, or one that none has. */
  nth(device: number): string {
    return this.#play.vm?.domain.memoryDevices[device]?.alias ?? `dimm${String(device)}`;
  }

  /** Takes in that somebody asks for that device. */
  askBack(alias: string): void {
    this.#askedBack += floorMiB(this.#play.truth.sizeOf(alias) ?? LARGEST);
  }
}
