import { KiB, Milliseconds } from '../../../src/common/units.ts';
import type { HostPressure } from '../../../src/host/pressure/hostPressure.ts';
import type { PolicyLoop } from '../../../src/policy/loop/policyLoop.ts';
import type { PolicyRound } from '../../../src/policy/loop/round.ts';
import { idOf, World } from '../../support/world.ts';
import type { WorldOptions } from '../../support/worldOptions.ts';

export const MIB = 1024;
export const GIB = 1024 ** 2;

/** The figures of a host: what its guests have counts as used, as if they had touched all of it. */
export class FakeHost {
  total = 20 * GIB;
  /** What the host itself and other programs use. */
  own = GIB / 4;
  world: World | undefined;
  /** What a reading throws. */
  error: Error | undefined;
  readonly #stalled = new Set<() => void>();

  get available(): number {
    const guests = (this.world?.vms.list() ?? []).filter(({ isAlive }) => isAlive);
    const used = guests.reduce((sum, vm) => sum + (vm.samples.newest?.current ?? vm.memory), 0);
    return Math.max(0, this.total - this.own - used);
  }

  read(): Promise<HostPressure> {
    if (this.error) return Promise.reject(this.error);
    const [total, available] = [KiB(this.total), KiB(this.available)];
    return Promise.resolve({
      total,
      capacity: total,
      free: available,
      available,
      fileBacked: KiB(0),
      shareable: KiB(0),
      hugepages: [],
      nodes: [],
    });
  }

  watchStall(listener: () => void): () => void {
    this.#stalled.add(listener);
    return () => this.#stalled.delete(listener);
  }

  /** Tasks of the host begin to wait for memory. */
  stall(): void {
    for (const listener of this.#stalled) listener();
  }
}

/** A world whose policy runs on the figures of a fake host, with a sample of all guests every five seconds. */
export class LoopWorld {
  readonly world: World;
  readonly host: FakeHost;
  readonly rounds: PolicyRound[] = [];

  private constructor(world: World, host: FakeHost) {
    this.world = world;
    this.host = host;
  }

  /** Opens one with so many guests of 4 GiB, of which 1 GiB is guaranteed; its policy is off. */
  static async open(guests: number, options: WorldOptions = {}): Promise<LoopWorld> {
    const host = new FakeHost();
    const world = await World.open({ ...options, policy: { host, ...options.policy } });
    host.world = world;
    for (let n = 1; n <= guests; n += 1) {
      await world.boot(n, { memSize: 4096, memGuaranteedSize: 1024, maxMemSize: 8192 });
    }
    const loop = new LoopWorld(world, host);
    loop.start();
    return loop;
  }

  get policy(): PolicyLoop {
    return this.world.policy;
  }

  /** Starts the loop of this life of vmemd. */
  start(): void {
    this.policy.listen((round) => this.rounds.push(round));
    this.policy.start();
  }

  setPolicy(change: object): Promise<unknown> {
    return this.world.call('Host.setPolicy', change);
  }

  /** Lets `n` seconds go by. */
  async run(n: number): Promise<void> {
    await this.world.sampledFor(n);
  }

  /** What the balloons of the guests leave, in MiB. */
  get sizes(): number[] {
    return this.#vms.map((vm) => Math.round((vm.samples.newest?.current ?? NaN) / MIB));
  }

  get targets(): number[] {
    return this.#vms.map((vm) => Math.round(vm.balloonTarget / MIB));
  }

  get #vms() {
    return this.world.vms.list().toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** How often the n-th VM was asked by the policy. */
  asked(n: number): number {
    return this.rounds.filter(({ asked }) => asked.has(idOf(n))).length;
  }

  /** Lines of the log that have these members. */
  lines(facts: object): readonly Record<string, unknown>[] {
    return this.world.lines.filter((line) =>
      Object.entries(facts).every(([name, value]) => line[name] === value),
    );
  }

  useMemory(n: number, mib: number): void {
    this.world.host.guest(idOf(n)).setWorkingSet(KiB(mib * MIB));
  }
}

export const seconds = (n: number): Milliseconds => Milliseconds(n * 1000);
