import { VdsmError } from '../../common/errors.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { baseOf } from '../../memory/identity.ts';
import {
  isTrouble,
  type MemoryChange,
  type MemoryJob,
  stateOf,
  wasNotDone,
} from '../../memory/jobs.ts';
import { providedMemory } from '../../memory/virtioMem.ts';
import { planResize } from '../../memory/resize.ts';
import type { ResizeChange, ResizePlan } from '../../memory/resizePlan.ts';
import { floorMiB, toKiB } from '../../common/units.ts';
import { ask, logFailure } from './askGuest.ts';
import { toVdsmError } from '../toVdsmError.ts';
import { guaranteeNow } from '../actions/guarantee.ts';
import { follow } from './devices.ts';
import type { Wanted } from '../record/memoryJobs.ts';
import {
  earlierSizes,
  lastAsked,
  type NextRun,
  planNextRun,
  settleNextRun,
  updateNextRun,
} from './nextRun.ts';
import {
  awaitedDimms,
  checkGuarantee,
  checkPlannedGuarantee,
  type Failure,
  type MemoryWish,
  refuseWhileUnplugging,
  resizeWarnings,
} from './checks.ts';
import { compareTotals } from './onlineWatch.ts';
import { runJob } from './runJobs.ts';
import { saveJobs, saveLater } from '../record/savedJobs.ts';
import type { Vm } from '../vm.ts';

/** What is being done for a wish. */
export interface Resizing {
  readonly plan: ResizePlan;
  readonly warnings: readonly string[];
  readonly nextRun: 'updated' | 'kept';
  /** Absent where nothing is to be done. */
  readonly jobId?: string;
}

/**
 * Grows or shrinks a VM as near to the wish as its devices allow, and never below it. What is plugged is plugged when
 * this answers; what the guest has to do goes on as a job, which `wait` waits for. Throws VMIsDown, InvalidParameter,
 * HotplugMemFailed where nothing of it could be done, HotunplugMemFailed where also nothing was given back.
 */
export async function setMemory(vm: Vm, wish: MemoryWish, flowId: string): Promise<Resizing> {
  vm.requireAlive();
  // The answer to this need not wait for an unplug that is under way.
  refuseWhileUnplugging(vm, failureOf(vm, wish));
  const { resizing, failure, had } = await vm.queue
    .run(async (bound) => {
      await follow(vm, bound);
      const [failure, had] = [failureOf(vm, wish), vm.usableMemory];
      const request = { ...wish, failure, flowId };
      return {
        failure,
        had,
        resizing: await resize(vm, request, bound).catch(toVdsmError(failure)),
      };
    })
    .catch(toVdsmError(failureOf(vm, wish)));
  const { jobId } = resizing;
  if (jobId === undefined) return resizing;
  const job = wish.wait === true ? await vm.jobs.ended(jobId) : vm.jobs.get(jobId);
  const gaveNothing = failure === 'HotunplugMemFailed' && vm.usableMemory >= had;
  if (job && (wasNotDone(job) || (gaveNothing && stateOf(job) === 'failed'))) {
    throw failureOfJob(vm, job, resizing, failure);
  }
  return {
    ...resizing,
    warnings: [...resizing.warnings, ...(job?.changes ?? []).flatMap(concern)],
  };
}

/** What became of a device that is not, or not known to be, as it was asked for. */
const concern = (change: MemoryChange): string[] =>
  isTrouble(change) || change.state === 'unverified' ? [wordOn(change)] : [];

const wordOn = ({ alias, state, message = state }: MemoryChange): string => `${alias}: ${message}`;

const failureOf = (vm: Vm, { memory }: MemoryWish): Failure =>
  toKiB(memory) < providedMemory(vm.domain) ? 'HotunplugMemFailed' : 'HotplugMemFailed';

/** A wish, with the error that it fails with and the flow that it belongs to. */
interface Request extends MemoryWish {
  readonly failure: Failure;
  readonly flowId: string;
}

async function resize(vm: Vm, wish: Request, bound: CallOptions): Promise<Resizing> {
  refuseWhileUnplugging(vm, wish.failure);
  checkGuarantee(vm, wish);
  const plan = planFor(vm, wish);
  checkPlannedGuarantee(vm, wish, plan);
  const warnings = [...plan.warnings, ...resizeWarnings(vm, wish, plan)];
  const { memory, guaranteed } = wish;
  const next = { memory, guaranteed, before: earlierSizes(vm, plan.before) };
  if (wish.dryRun === true) {
    return { plan, ...answered(await planNextRun(vm, next, bound), warnings) };
  }
  if (plan.changes.length === 0) {
    if (guaranteed !== undefined) await guaranteeNow(vm, { guaranteed, isForThisRun: true }, bound);
    return { plan, ...answered(await updateNextRun(vm, next, bound), warnings) };
  }
  const jobId = await begin(vm, { ...wish, nextRunBefore: next.before }, plan, bound);
  return { plan, jobId, ...answered(await settleNextRun(vm, jobId, bound), warnings) };
}

const answered = (next: NextRun, warnings: readonly string[]) => ({
  nextRun: next.outcome,
  warnings: [...warnings, ...next.warnings],
});

/**
 * The way to the wish; throws what stands against it. A wish to shrink that is repeated is done as far as it can be, so
 * its plan is empty and says so.
 */
function planFor(vm: Vm, { memory, failure, specialBlock = false }: Request): ResizePlan {
  const awaited = new Set(awaitedDimms(vm).map(({ alias }) => alias));
  const plan = planResize(vm.domain, toKiB(memory), { splitFirstBlock: specialBlock, awaited });
  if (!('obstacle' in plan)) return plan;
  const isRepeated = lastAsked(vm.jobs.all).memory === memory && awaited.size === 0;
  if (failure === 'HotplugMemFailed' || !isRepeated) throw new VdsmError(failure, plan.obstacle);
  const before = providedMemory(vm.domain);
  const warning = `the VM has ${String(floorMiB(before))} MiB already, the nearest above ${String(memory)} MiB that its devices allow`;
  return { before, after: before, changes: [], warnings: [warning] };
}

/**
 * Begins the job of a plan, which goes on by itself once it is written down. What does not have to wait for the guest
 * is done at once, so that the next plan finds it done.
 */
async function begin(
  vm: Vm,
  wish: Request & Required<Pick<MemoryJob, 'nextRunBefore'>>,
  { after, changes }: ResizePlan,
  bound: CallOptions,
): Promise<string> {
  const { flowId, memory: requested, guaranteed, nextRunBefore } = wish;
  const facts = {
    action: 'set-memory' as const,
    flowId,
    requested,
    expected: floorMiB(after),
    nextRunBefore,
    ...(guaranteed !== undefined && { guaranteed }),
    ...(wish.deflate === true &&
      changes.some(({ action }) => action === 'unplug') && {
        deflated: { target: vm.balloonTarget, memory: vm.memory },
      }),
  };
  const job = vm.jobs.begin(facts, (id) =>
    changes.map((change, n) => wanted(vm, change, `ua-${id}-${String(n)}`)),
  );
  await saveJobs(vm, bound).catch(async (error: unknown) => {
    vm.jobs.fail(job.id, (error as Error).message);
    // What was written all the same must not be carried on after a restart.
    await saveJobs(vm, bound).catch(() => saveLater(vm));
  });
  // Before virtio-mem grows, of which the guest tells only later.
  if (changes.some(({ action }) => action === 'plug')) compareTotals(vm);
  for (const { action, alias } of job.changes) {
    if (action === 'unplug') continue;
    await ask(vm, job.id, alias, bound).catch(logFailure(vm, alias));
  }
  void runJob(vm, job.id);
  return job.id;
}

/** What is to be done for one step of a plan; a device that is plugged for it gets this alias. */
function wanted(vm: Vm, change: ResizeChange, newAlias: string): Wanted {
  switch (change.action) {
    case 'plug':
      return { ...change, alias: newAlias };
    case 'unplug':
      return { ...change, ...baseOf(vm.memoryDevice(change.alias)) };
    case 'resize':
      return { action: 'resize', alias: change.alias, size: change.to };
  }
}

function failureOfJob(
  vm: Vm,
  { id, changes, requested }: MemoryJob,
  { nextRun }: Resizing,
  failure: Failure,
): VdsmError {
  const later = nextRun === 'updated' ? `, from its next run on ${String(requested)}` : '';
  return new VdsmError(
    failure,
    `${changes.map(wordOn).join('; ')}; the VM has ${String(floorMiB(vm.usableMemory))} MiB${later} (job ${id})`,
    { data: { job_id: id } },
  );
}
