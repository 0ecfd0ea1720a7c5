import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pause } from '../../src/common/clock.ts';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import type { PolicyLoop } from '../../src/policy/loop/policyLoop.ts';
import { GIB, LoopWorld, MIB, seconds } from '../policy/loop/loopWorld.ts';
import { assertProperty } from '../support/property.ts';
import { idOf } from '../support/world.ts';

const GUESTS = 3;
/** In place of a VM's number: the reading of the host's memory. */
const HOST = 0;

/** What happens between two rounds, or during them. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('own' as const), gib: fc.integer({ min: 0, max: 18 }) }),
  fc.record({ kind: fc.constant('stall' as const) }),
  fc.record({ kind: fc.constant('use' as const), vm: vmNumber(), mib: fc.nat(4096) }),
  fc.record({
    kind: fc.constant('slow' as const),
    vm: fc.integer({ min: HOST, max: GUESTS }),
    s: fc.integer({ min: 0, max: 25 }),
  }),
  fc.record({ kind: fc.constant('fail' as const), vm: vmNumber() }),
  fc.record({
    kind: fc.constant('target' as const),
    vm: vmNumber(),
    mib: fc.integer({ min: 512, max: 4096 }),
  }),
  fc.record({
    kind: fc.constant('guarantee' as const),
    vm: vmNumber(),
    mib: fc.integer({ min: 512, max: 4000 }),
  }),
  fc.record({ kind: fc.constant('reboot' as const), vm: vmNumber() }),
  fc.record({
    kind: fc.constant('policy' as const),
    mode: fc.constantFrom('off' as const, 'observe' as const, 'act' as const),
    algorithm: fc.constantFrom('adaptive' as const, 'mom' as const),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

function vmNumber() {
  return fc.integer({ min: 1, max: GUESTS });
}

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Follows what the policy does, and notes whatever it must never do. */
class Judge {
  readonly loop: LoopWorld;
  readonly #delays = new Map<number, number>();
  readonly #failing = new Set<number>();
  readonly #pinnedUntil = new Map<string, number>();
  readonly #asked = new Set<string>();
  readonly violations: string[] = [];
  /** The loop that reads the host. */
  #reading: PolicyLoop | undefined;

  constructor(loop: LoopWorld) {
    this.loop = loop;
    this.#watchRounds();
    this.#watchTargets();
  }

  async happen(each: Happening): Promise<void> {
    const { loop } = this;
    const { world } = loop;
    const call = (method: string, params: object): void => {
      void world.call(method, params).catch(() => undefined);
    };
    switch (each.kind) {
      case 'own':
        loop.host.own = each.gib * GIB;
        return;
      case 'stall':
        loop.host.stall();
        return;
      case 'use':
        loop.useMemory(each.vm, each.mib);
        return;
      case 'slow':
        this.#delays.set(each.vm, each.s);
        return;
      case 'fail':
        if (!this.#failing.delete(each.vm)) this.#failing.add(each.vm);
        return;
      case 'target':
        this.#setTarget(idOf(each.vm), each.mib * MIB);
        return;
      case 'guarantee':
        call('VM.setGuaranteedMemory', { vmID: idOf(each.vm), guaranteed: each.mib });
        return;
      case 'reboot':
        world.host.guest(idOf(each.vm)).rebootFromInside();
        return;
      case 'policy':
        await loop.setPolicy({ mode: each.mode, algorithm: each.algorithm });
        return;
      case 'restart':
        await this.#restart();
    }
  }

  #setTarget(vmID: string, target: number): void {
    const { world } = this.loop;
    void world
      .call('VM.setBalloonTarget', { vmID, target })
      .then(() => this.#pinnedUntil.set(vmID, world.clock.now() + 600_000))
      .catch(() => undefined);
  }

  async #restart(): Promise<void> {
    const { loop } = this;
    const { mode } = loop.policy.settings;
    await loop.world.during(3, loop.policy.stop());
    await loop.world.restart();
    this.#asked.clear();
    loop.start();
    await loop.setPolicy({ mode });
  }

  /** Rounds begin by reading the host: a second reading meanwhile is a second round. */
  #watchRounds(): void {
    const { host, world } = this.loop;
    const read = host.read.bind(host);
    host.read = async () => {
      const { policy } = this.loop;
      this.#require(this.#reading !== policy, 'two rounds at once');
      this.#reading = policy;
      await pause(world.clock, seconds((this.#delays.get(HOST) ?? 0) / 4));
      if (this.#reading === policy) this.#reading = undefined;
      return read();
    };
  }

  #watchTargets(): void {
    const { world } = this.loop;
    world.faults.setBalloon = async (uuid, target, options) => {
      const n = Number.parseInt(uuid.slice(-12), 16);
      const vm = world.vms.get(uuid);
      this.#require(target >= vm.floor, `${String(target)} KiB are below the floor`);
      this.#require(target <= vm.memory, `${String(target)} KiB are above the memory`);
      if (vm.operations.operations.at(-1)?.flowId.startsWith('policy-') === true) {
        const isPinned = world.clock.now() < (this.#pinnedUntil.get(uuid) ?? 0);
        this.#require(!isPinned, 'a pinned VM was asked');
        this.#require(!this.#asked.has(uuid), 'a VM was asked that had not answered yet');
        this.#asked.add(uuid);
      }
      try {
        if (this.#failing.has(n)) throw new HypervisorError('failed', 'refused');
        await pause(world.clock, seconds(this.#delays.get(n) ?? 0));
        await world.host.setBalloon(uuid, target, options);
      } finally {
        this.#asked.delete(uuid);
      }
    };
  }

  #require(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }
}

const story = fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 20 })), {
  minLength: 5,
  maxLength: 25,
});

test('no target is beyond floor and memory, a client keeps its VM, and rounds come one at a time', async () => {
  await assertProperty(
    fc.asyncProperty(story, async (happenings) => {
      const loop = await LoopWorld.open(GUESTS);
      const judge = new Judge(loop);
      await loop.setPolicy({ mode: 'act' });
      for (const [each, pause] of happenings) {
        await judge.happen(each);
        await loop.world.seconds(pause / 4);
        await loop.world.vms.sample();
      }
      const starts = loop.rounds.map(({ at }) => at);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      expect(judge.violations).toEqual([]);
      await loop.world.during(3, loop.policy.stop());
    }),
  );
});
