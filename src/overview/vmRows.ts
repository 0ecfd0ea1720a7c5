import type { Clock } from '../common/clock.ts';
import { type KiB, Milliseconds } from '../common/units.ts';
import { freshnessOnWire, whyNoSample } from '../vm/report/usage.ts';
import type { Vm } from '../vm/vm.ts';
import type { VmOverview } from './shown.ts';
import { vmOverview } from './vmOverview.ts';

/** What also follows from the time alone, such as a balloon that is stuck, is shown this much later at most. */
const OLDEST = Milliseconds(4500);

/** What a VM's overview is made from; each part is replaced, not changed. */
const sourcesOf = (vm: Vm, need: KiB | undefined) =>
  [
    vm.samples.newest,
    vm.domain,
    vm.story,
    vm.operations.published.operations,
    vm.operations.published.boot,
    vm.status,
    vm.pauseCode,
    vm.isHung,
    whyNoSample(vm),
    vm.statsPeriodProblem,
    need,
  ] as const;

interface Kept {
  readonly row: VmOverview;
  readonly at: Milliseconds;
  readonly sources: readonly unknown[];
}

/** The overviews of VMs, which are made anew only for those of which something has changed. */
export class VmRows {
  readonly #clock: Clock;
  #kept = new WeakMap<Vm, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns a VM's overview with what it needs by the policy. */
  of(vm: Vm, need: KiB | undefined): VmOverview {
    const at = this.#clock.now();
    const kept = this.#kept.get(vm);
    const sources = sourcesOf(vm, need);
    if (kept && at - kept.at < OLDEST && areSame(sources, kept.sources)) return kept.row;
    const row = vmOverview(vm, need);
    this.#kept.set(vm, { row, at, sources });
    return row;
  }
}

/** Returns a VM's overview with the age that its report has now. */
export function agedRow(row: VmOverview, vm: Vm): VmOverview {
  const freshness = freshnessOnWire(vm.freshness);
  return freshness.state === row.freshness?.state ?
      { ...row, freshness }
    : vmOverview(vm, row.need_kib);
}

const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.every((each, index) => each === others[index]);
