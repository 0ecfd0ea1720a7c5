import type { Clock } from '../common/clock.ts';
import { wallMilliseconds } from '../common/time.ts';
import { KiB, Milliseconds } from '../common/units.ts';
import { version } from '../common/version.ts';
import type { PressureReader } from '../host/pressure/pressureReader.ts';
import type { HostPressure } from '../host/pressure/hostPressure.ts';
import type { HostNode, Hypervisor } from '../host/hypervisor.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { PolicyRound } from '../policy/loop/round.ts';
import type { Mom } from '../policy/mom/mom.ts';
import { describeHeadroom } from '../policy/reservations/describe.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import type { Registry } from '../vm/registry/registry.ts';
import { type HostMemoryParts, hostOverview } from './hostOverview.ts';
import { Revisions } from './revisions.ts';
import type { Glance, LinkState, VmOverview } from './shown.ts';
import { unreadableOverview } from './vmOverview.ts';
import { agedRow, VmRows } from './vmRows.ts';

export interface OverviewOptions {
  readonly vms: Pick<Registry, 'list' | 'find' | 'unreadable'>;
  readonly hypervisor: Pick<Hypervisor, 'isReal' | 'isReadOnly' | 'isConnected' | 'node'>;
  readonly pressure: Pick<PressureReader, 'recent'>;
  readonly reservations: Pick<Reservations, 'account' | 'held'>;
  readonly clock: Clock;
  readonly link: LinkState;
  readonly mom: Pick<Mom, 'wasActive'>;
  readonly policy: Pick<PolicyLoop, 'settings' | 'last'>;
}

/** Reading what the guests' processes have takes 100 ms of CPU time on a host with 1 000 of them. */
const MEMORY_AGE = Milliseconds(4500);
/** Who looks at the host waits no longer for facts that hardly change. */
const NODE_TIMEOUT = Milliseconds(2000);

/** The host's memory, kept as long as its reading is the newest and what is reserved is the same. */
interface KeptMemory {
  readonly pressure: HostPressure;
  readonly held: KiB;
  readonly parts: Promise<HostMemoryParts>;
}

/** The host and its VMs at a glance, with what has changed since an earlier look. */
export class Overview {
  readonly #options: OverviewOptions;
  readonly #revisions = new Revisions();
  readonly #rows: VmRows;
  readonly #version = version();
  #node: HostNode | undefined;
  #memory: KeptMemory | undefined;

  constructor(options: OverviewOptions) {
    this.#options = options;
    this.#rows = new VmRows(options.clock);
  }

  /** Returns the result of Host.getOverview. Throws Recovering until the VMs are known. */
  async read(since?: string) {
    const { time, host, vms } = await this.look();
    const changes = this.#revisions.since(vms, since);
    const shown = changes.complete ? changes.vms.map((row) => this.#aged(row)) : changes.vms;
    return { time: new Date(time).toISOString(), host, ...changes, vms: shown };
  }

  #aged(row: VmOverview): VmOverview {
    const vm = this.#options.vms.find(row.id);
    return vm ? agedRow(row, vm) : row;
  }

  /** Returns the host and its VMs now. Throws Recovering until the VMs are known. */
  async look(): Promise<Glance> {
    const { vms, clock, hypervisor, link, mom, policy } = this.#options;
    const [memory, node] = await Promise.all([this.#readMemory(), this.#readNode()]);
    const needs = needsIn(policy.last);
    const known = [
      ...vms.list().map((vm) => this.#rows.of(vm, needs.get(vm.id))),
      ...vms.unreadable().map(unreadableOverview),
    ];
    const host = hostOverview({
      isSimulated: !hypervisor.isReal,
      isReadOnly: hypervisor.isReadOnly,
      version: this.#version,
      node,
      ...memory,
      goal: policy.last && goalIn(policy.last),
      link,
      momIsActive: mom.wasActive,
      policy: policy.settings,
      vms: known,
    });
    return { time: wallMilliseconds(clock), host, vms: known };
  }

  /** As old as samples of guests are at most; empty while neither the host nor the hypervisor reports it. */
  async #readMemory(): Promise<HostMemoryParts> {
    const pressure = await this.#options.pressure.recent(MEMORY_AGE).catch(() => undefined);
    if (pressure === undefined) return {};
    const { held } = this.#options.reservations;
    if (this.#memory?.pressure !== pressure || this.#memory.held !== held) {
      this.#memory = { pressure, held, parts: this.#partsOf(pressure) };
    }
    return this.#memory.parts;
  }

  /** Without knowing what is available there is no headroom. */
  async #partsOf(pressure: HostPressure): Promise<HostMemoryParts> {
    const { reservations } = this.#options;
    try {
      const account = await reservations.account(Promise.resolve(pressure));
      return { pressure, headroom: describeHeadroom(account, reservations.held) };
    } catch {
      return { pressure };
    }
  }

  async #readNode(): Promise<HostNode | undefined> {
    const { hypervisor } = this.#options;
    if (!this.#node && hypervisor.isConnected) {
      this.#node = await hypervisor.node({ timeout: NODE_TIMEOUT }).catch(() => undefined);
    }
    return this.#node;
  }
}

/** Returns what each VM needs by the last round of the policy, by id; nothing before the first round. */
const needsIn = (round: PolicyRound | undefined): ReadonlyMap<string, KiB> =>
  new Map(
    round?.decisions.flatMap(({ name, reason }) => {
      const { need } = reason.inputs;
      return need === undefined ? [] : [[name, KiB(Math.round(need))] as const];
    }),
  );

/** Returns what the policy wants the host to have left, by its last round. */
function goalIn({ hostReason }: PolicyRound): KiB | undefined {
  const { goal } = hostReason.inputs;
  return goal === undefined ? undefined : KiB(Math.round(goal));
}
