import { VdsmError } from '../../common/errors.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { type PeriodPolicy, periodToSet } from '../../memory/statsPeriod.ts';
import { type Milliseconds, Milliseconds as ms, type Seconds } from '../../common/units.ts';
import { commit, observe } from '../memory/commit.ts';
import { sendStatsPeriod } from '../memory/sendStatsPeriod.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** How soon after the last look a VM whose guest may not be asked to report is looked at again. */
const PATIENCE = ms(30_000);

/** Keeps guests reporting: sets the statistics period where it is not the one wanted, and again where that failed. */
export class PeriodKeeper {
  readonly #policy: PeriodPolicy;
  /** When each VM was looked at last; no time is set while that is under way. */
  readonly #looks = new WeakMap<Vm, { endedAt?: Milliseconds }>();

  constructor(policy: PeriodPolicy) {
    this.#policy = policy;
  }

  /** Looks after a VM that was sampled, now and then and only where something may be amiss. */
  watch(vm: Vm): void {
    if (!vm.isAlive || !this.#isSuspect(vm)) return;
    const look = this.#looks.get(vm);
    if (look && (look.endedAt === undefined || vm.clock.now() - look.endedAt < PATIENCE)) return;
    this.heal(vm);
  }

  /** Compares the live period with the one wanted and sets it; a failure is told, and mended by a later watch. */
  heal(vm: Vm): void {
    const look: { endedAt?: Milliseconds } = {};
    this.#looks.set(vm, look);
    vm.queue
      .run((options) => this.#compare(vm, options))
      .then(
        () => {
          vm.statsPeriodProblem = undefined;
        },
        (error: unknown) => {
          this.#failed(vm, error);
        },
      )
      .finally(() => {
        look.endedAt = vm.clock.now();
      });
  }

  /** A guest that has ceased to report, or never did, may have lost its period unseen. */
  #isSuspect(vm: Vm): boolean {
    const { state } = vm.freshness;
    return state === 'stale' || state === 'never' || this.#missing(vm) !== undefined;
  }

  #missing({ domain: { balloon, metadata } }: Vm): Seconds | undefined {
    if (!balloon || balloon.model === 'none') return undefined;
    return periodToSet(balloon.statsPeriod, metadata?.memStatsPeriod, this.#policy);
  }

  async #compare(vm: Vm, options: CallOptions): Promise<void> {
    if (!vm.isAlive) return;
    await observe(vm, options);
    const period = this.#missing(vm);
    if (period === undefined) return;
    vm.outdate();
    await vm.hypervisor.setStatsPeriod(vm.id, period, options);
    await observe(vm, options);
    vm.log.info({ vmId: vm.id, period_s: period }, 'the statistics period was set');
  }

  #failed(vm: Vm, error: unknown): void {
    if (!vm.isAlive) return;
    const { message } = error as Error;
    const isKnown = vm.statsPeriodProblem === message;
    vm.statsPeriodProblem = message;
    if (isKnown) return;
    vm.log.warn({ vmId: vm.id, err: error }, 'the statistics period could not be set; trying on');
  }
}

/** Sets how often the guest reports, in this run and the next ones; 0 stops it. Throws BalloonError. */
export async function setStatsPeriod(vm: Vm, period: Seconds, flowId: string): Promise<void> {
  vm.requireAlive();
  const { balloon } = vm.domain;
  if (!balloon || balloon.model === 'none') {
    throw new VdsmError('BalloonError', 'the VM has no balloon device to report by');
  }
  await vm.queue
    .run(async (options) => {
      const { id } = await commit(vm, options, () => {
        const step = { kind: 'stats-period' as const, period };
        return vm.operations.begin({ action: 'stats-period', flowId }, () => [step]);
      });
      await sendStatsPeriod(vm, { id, index: 0 }, options);
    })
    .catch(toVdsmError('BalloonError'));
}
