import type { Clock } from '../common/clock.ts';
import { type KiB, Milliseconds } from '../common/units.ts';
import { whyNoSample } from '../vm/report/usage.ts';
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

  /** Returns a VM's overview with what it needs by the policy; `isExact`: with ages of this moment. */
  of(vm: Vm, need: KiB | undefined, isExact: boolean): VmOverview {
    const at = this.#clock.now();
    const kept = this.#kept.get(vm);
    const sources = sourcesOf(vm, need);
    if (kept && !isExact && at - kept.at < OLDEST && areSame(sources, kept.sources)) {
      return kept.row;
    }
    const row = vmOverview(vm, need);
    this.#kept.set(vm, { row, at, sources });
    return row;
  }
}

const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.every((each, index) => each === others[index]);
