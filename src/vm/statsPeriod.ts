import { VdsmError } from '../errors.ts';
import { type PeriodPolicy, periodToSet } from '../memory/statsPeriod.ts';
import { type Milliseconds, Milliseconds as ms, type Seconds } from '../units.ts';
import { as } from './failure.ts';
import type { Vm } from './vm.ts';

/** How often a VM whose guest does not report is looked at again. */
const PATIENCE = ms(30_000);

/** Keeps guests reporting: sets the statistics period where it is missing, and again where that failed. */
export class PeriodKeeper {
  readonly #policy: PeriodPolicy;
  readonly #looked = new WeakMap<Vm, Milliseconds>();

  constructor(policy: PeriodPolicy) {
    this.#policy = policy;
  }

  /** Looks after a VM that was sampled, now and then and only where its guest does not report. */
  watch(vm: Vm): void {
    const { state } = vm.freshness;
    if (state !== 'stale' && state !== 'no-period') return;
    const looked = this.#looked.get(vm);
    const now = vm.clock.now();
    if (looked !== undefined && now - looked < PATIENCE) return;
    this.#looked.set(vm, now);
    this.heal(vm);
  }

  /** Compares the live period with the one wanted and sets it; a failure is logged, and mended by a later watch. */
  heal(vm: Vm): void {
    vm.lane
      .run(async (bound) => {
        await vm.refresh(bound);
        const { balloon, metadata } = vm.domain;
        if (!vm.isAlive || !balloon || balloon.model === 'none') return;
        const period = periodToSet(balloon.statsPeriod, metadata?.memStatsPeriod, this.#policy);
        if (period === undefined) return;
        await vm.hypervisor.setStatsPeriod(vm.id, period, bound);
        await vm.refresh(bound);
        vm.log.info({ vmId: vm.id, period_s: period }, 'the statistics period was set');
      })
      .catch((error: unknown) => {
        vm.log.warn({ vmId: vm.id, err: error }, 'the statistics period could not be set');
      });
  }
}

/** Sets how often the guest reports and keeps to it; 0 stops it. Throws BalloonError where there is no balloon. */
export async function setStatsPeriod(vm: Vm, period: Seconds): Promise<void> {
  vm.requireAlive();
  const { balloon } = vm.domain;
  if (!balloon || balloon.model === 'none') {
    throw new VdsmError('BalloonError', 'the VM has no balloon device to report by');
  }
  await vm.lane
    .run(async (bound) => {
      await vm.hypervisor.setStatsPeriod(vm.id, period, bound);
      await vm.save({ memStatsPeriod: period }, bound);
      await vm.refresh(bound);
    })
    .catch(as('BalloonError'));
}
