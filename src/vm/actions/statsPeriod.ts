import { VdsmError } from '../../common/errors.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { type PeriodPolicy, periodToSet } from '../../memory/statsPeriod.ts';
import { type Milliseconds, Milliseconds as ms, type Seconds } from '../../common/units.ts';
import { commit, observe } from '../memory/commit.ts';
import { sendPeriod } from '../memory/hypervisorCalls.ts';
import { repeatWritesLater } from '../memory/resume.ts';
import { sendStatsPeriod } from '../memory/sendStatsPeriod.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';
import { logFailure } from '../logFailure.ts';

/** The time between two checks of a VM whose statistics period may be wrong. */
const CHECK_INTERVAL = ms(30_000);

/** Sets the statistics period of VMs that do not have the wanted one, and retries after a failure. */
export class PeriodKeeper {
  readonly #policy: PeriodPolicy;
  /** When the last check of each VM ended; without a time while it runs. */
  readonly #checks = new WeakMap<Vm, { endedAt?: Milliseconds }>();

  constructor(policy: PeriodPolicy) {
    this.#policy = policy;
  }

  /** Checks a sampled VM whose period may be wrong, at most once each interval. */
  watch(vm: Vm): void {
    if (!vm.isAlive || !this.#isSuspect(vm)) return;
    const last = this.#checks.get(vm);
    if (last) {
      const { endedAt } = last;
      if (endedAt === undefined || vm.clock.now() - endedAt < CHECK_INTERVAL) return;
    }
    this.heal(vm);
  }

  /** Sets the wanted period if the live one differs; logs a failure, which a later `watch` retries. */
  heal(vm: Vm): void {
    if (vm.isReadOnly) return;
    const check: { endedAt?: Milliseconds } = {};
    this.#checks.set(vm, check);
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
        check.endedAt = vm.clock.now();
      });
  }

  /** A guest that has stopped reporting, or has not been seen to, may have lost its period without an event. */
  #isSuspect(vm: Vm): boolean {
    const { state } = vm.freshness;
    return ['stale', 'never', 'unknown'].includes(state) || this.#missing(vm) !== undefined;
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
    await sendPeriod(vm, period, options);
    await observe(vm, options);
    vm.log.info({ vmId: vm.id, period_s: period }, 'the statistics period was set');
  }

  #failed(vm: Vm, error: unknown): void {
    if (!vm.isAlive) return;
    const { message } = error as Error;
    const isKnown = vm.statsPeriodProblem === message;
    vm.statsPeriodProblem = message;
    if (isKnown) return;
    logFailure(vm, error, { text: 'the statistics period could not be set; trying again' });
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
      await sendStatsPeriod(vm, { id, index: 0 }, options).finally(() => {
        repeatWritesLater(vm);
      });
    })
    .catch(toVdsmError('BalloonError'));
}
