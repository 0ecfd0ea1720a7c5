import { VdsmError } from '../../common/errors.ts';
import { floorMiB, KiB, MiB, toKiB } from '../../common/units.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import type { NewStep } from '../../memory/begin.ts';
import { baseOf } from '../../memory/identity.ts';
import { earlierSizes, lastRequested, type NextRunSize } from '../../memory/nextRunSize.ts';
import type { Operation, Step } from '../../memory/operation.ts';
import { planResize } from '../../memory/resize.ts';
import type { ResizeChange, ResizePlan } from '../../memory/resizePlan.ts';
import { providedMemory } from '../../memory/virtioMem.ts';
import type { Vm } from '../vm.ts';
import {
  awaitedDimms,
  checkGuarantee,
  checkPlannedGuarantee,
  checkUnit,
  type Failure,
  type MemoryWish,
  refuseWhileUnplugging,
  resizeWarnings,
} from './checks.ts';
import { commit, observe, observeNow } from './commit.ts';
import { type NextRun, planNextRun, sendNextRun } from './nextRun.ts';
import { captureBaseline } from './onlineWatch.ts';
import { run } from './queuedSteps.ts';
import { repeatWritesLater } from './resume.ts';
import { sendStep } from './sendStep.ts';
import { logFailure } from '../logFailure.ts';

/** A wish that has been planned, and begun unless it is a dry run. */
export interface Resizing {
  readonly plan: ResizePlan;
  readonly warnings: readonly string[];
  readonly nextRun: 'updated' | 'kept';
  /** Absent if no device changes. */
  readonly operationId?: string;
}

/** A wish with the name of its error and its flow id. */
interface Request extends MemoryWish {
  readonly failure: Failure;
  readonly flowId: string;
}

/** Plans a wish and begins its operation; the caller has read the domain in the same turn of the VM's queue. */
export async function resize(vm: Vm, request: Request, options: CallOptions): Promise<Resizing> {
  refuseWhileUnplugging(vm, request.failure);
  checkUnit(vm, request.memory);
  checkGuarantee(vm, request);
  const wish = withinMemory(request);
  const plan = planFor(vm, wish);
  checkPlannedGuarantee(vm, wish, plan);
  const warnings = [...plan.warnings, ...resizeWarnings(vm, wish, plan)];
  const size = nextRunSize(vm, wish, plan);
  if (wish.dryRun === true) return resizingOf(plan, warnings, await planNextRun(vm, size, options));
  const { id, steps } = await commit(vm, options, () => begin(vm, wish, plan, size));
  await sendNow(vm, id, options);
  const index = steps.findIndex(({ kind }) => kind === 'next-run');
  const nextRun = await sendNextRun(vm, { id, index }, options);
  repeatWritesLater(vm);
  await record(vm, plan, options);
  void run(vm, id);
  return {
    ...resizingOf(plan, warnings, nextRun),
    ...(plan.changes.length > 0 && { operationId: id }),
  };
}

/** The request with a guarantee of its memory at most. */
const withinMemory = (request: Request): Request =>
  request.guaranteed === undefined ?
    request
  : { ...request, guaranteed: MiB(Math.min(request.guaranteed, request.memory)) };

const resizingOf = (plan: ResizePlan, warnings: readonly string[], next: NextRun): Resizing => ({
  plan,
  nextRun: next.outcome,
  warnings: [...warnings, ...next.warnings],
});

const nextRunSize = (vm: Vm, { memory, guaranteed }: MemoryWish, plan: ResizePlan): NextRunSize => {
  const present = { memory: floorMiB(plan.before), guaranteed: floorMiB(vm.guaranteed ?? KiB(0)) };
  const before = earlierSizes(vm.operations.operations, present);
  return { memory, ...(guaranteed !== undefined && { guaranteed }), before };
};

/**
 * Plans the wish; throws its failure if there is no plan. A repeated wish to shrink that the devices allow no nearer
 * has an empty plan with a warning.
 */
function planFor(vm: Vm, { memory, failure, specialBlock = false }: Request): ResizePlan {
  const awaited = new Set(awaitedDimms(vm).map(({ alias }) => alias));
  const plan = planResize(vm.domain, toKiB(memory), {
    splitFirstBlock: specialBlock,
    slotRule: vm.hypervisor.slotRule,
    awaited,
  });
  if (!('obstacle' in plan)) return plan;
  const isRepeated =
    lastRequested(vm.operations.operations).memory === memory && awaited.size === 0;
  if (failure === 'HotplugMemFailed' || !isRepeated) throw new VdsmError(failure, plan.obstacle);
  const before = providedMemory(vm.domain);
  const warning = `the VM has ${String(floorMiB(before))} MiB already, the nearest above ${String(memory)} MiB that its devices allow`;
  return { before, after: before, changes: [], warnings: [warning] };
}

/** Begins the operation of a plan and returns it. */
function begin(vm: Vm, wish: Request, plan: ResizePlan, size: NextRunSize): Operation {
  const { flowId, memory: requested, guaranteed } = wish;
  if (plan.changes.some(({ action }) => action === 'plug')) captureBaseline(vm);
  const facts = {
    action: 'set-memory' as const,
    flowId,
    requested,
    expected: floorMiB(plan.after),
    ...(guaranteed !== undefined && { guaranteed }),
  };
  const operation = vm.operations.begin(facts, (id) => stepsOf(vm, { id, wish, plan, size }));
  for (const [index, step] of operation.steps.entries()) {
    if (isSentNow(step)) vm.operations.apply({ id: operation.id, index }, 'send');
  }
  return operation;
}

/** Whether the step does not wait for the guest. */
const isSentNow = ({ kind }: Step): boolean => kind === 'plug' || kind === 'resize';

interface Planned {
  readonly id: string;
  readonly wish: Request;
  readonly plan: ResizePlan;
  readonly size: NextRunSize;
}

/** Returns the steps of a plan: the balloon is deflated before the first unplug, and the guarantee follows the devices. */
function stepsOf(vm: Vm, { id, wish, plan, size }: Planned): NewStep[] {
  const { deflate, guaranteed } = wish;
  const devices = plan.changes.map((change, n) => deviceStep(vm, change, `ua-${id}-${String(n)}`));
  const isDeflating = deflate === true && devices.some(({ kind }) => kind === 'unplug');
  const when = devices.length > 0 ? ('first-done' as const) : ('now' as const);
  const { memory, balloonTarget: target, story } = vm;
  const deflation = { target: memory, story: { by: 'client', wished: memory } } as const;
  return [
    ...(isDeflating ? [{ kind: 'balloon', when: 'now', memory, ...deflation } as const] : []),
    ...devices,
    ...(isDeflating ?
      [{ kind: 'balloon', when: 'all-ended', target, memory, story } as const]
    : []),
    ...(guaranteed === undefined ?
      []
    : [{ kind: 'guarantee', when, guaranteed, isForThisRun: true } as const]),
    { kind: 'next-run', ...size },
  ];
}

/** Returns the step for one change of a plan; a plugged device gets `newAlias`. */
function deviceStep(vm: Vm, change: ResizeChange, newAlias: string): NewStep {
  switch (change.action) {
    case 'plug':
      return { kind: 'plug', alias: newAlias, size: change.size, node: change.node };
    case 'unplug': {
      const { alias, size } = change;
      return { kind: 'unplug', alias, size, ...baseOf(vm.memoryDevice(alias)) };
    }
    case 'resize':
      return { kind: 'resize', alias: change.alias, size: change.to };
  }
}

/** Sends the plugs and resizes, which do not wait for the guest, so that the next plan finds them done. */
async function sendNow(vm: Vm, id: string, options: CallOptions): Promise<void> {
  const steps = vm.operations.get(id)?.steps ?? [];
  for (const [index, step] of steps.entries()) {
    if (!isSentNow(step)) continue;
    if (options.signal?.aborted) {
      vm.operations.conclude({ id, index }, 'rejected', {
        message: 'not sent: the time of the request was over',
      });
      continue;
    }
    await sendStep(vm, { id, index }, options).catch((error: unknown) => {
      logFailure(vm, error, { text: 'a memory device could not be changed', level: 'debug' });
    });
  }
}

/** Records the domain's present state, later if that fails; then throws, unless changes are under way. */
async function record(vm: Vm, { changes }: ResizePlan, options: CallOptions): Promise<void> {
  await observe(vm, options).catch((error: unknown) => {
    observeNow(vm);
    if (changes.length === 0) throw error;
    logFailure(vm, error, { text: 'the memory record is written later' });
  });
}
