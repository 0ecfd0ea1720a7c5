import { floorBytes, MiB, toBytes, toKiB } from '../../units.ts';
import type { Result } from './ask.ts';
import type { Wishes } from './body.ts';
import { Fault } from './fault.ts';
import { linkTo, newestJob } from './jobs.ts';
import type { Members } from './representation.ts';
import { type Answer, flag, hrefOfJob, inBytes, refuseOthers, type Visit } from './resource.ts';
import { oneVm, type VmMembers } from './vms.ts';

/** Puts a VM's memory, its guaranteed memory or both; throws a {@link Fault} where that cannot be. */
export async function putVm(vmId: string, visit: Visit): Promise<Answer> {
  const { ask, query, wishes = () => undefined } = visit;
  refuseOthers(query, ['async', 'correlation_id', 'dryRun', 'dry_run', 'wait']);
  const wait = flag(query, 'wait') ?? flag(query, 'async') === false;
  const dryRun = ['dry_run', 'dryRun'].map((name) => flag(query, name)).includes(true);
  refuseMisplaced(wishes);
  refuseOtherChanges(wishes, await oneVm(vmId, visit));
  const memory = sizeOf(wishes, 'memory');
  const guaranteed = sizeOf(wishes, 'memory_policy', 'guaranteed');
  if (memory !== undefined) {
    const also = guaranteed === undefined ? {} : { guaranteed };
    const change = await toldWithJob(vmId, visit, () =>
      ask('VM.setMemory', { vmID: vmId, memory, ...also, wait, dryRun }),
    );
    return answered(await oneVm(vmId, visit), change, visit);
  }
  if (guaranteed === undefined) {
    throw new Fault(
      400,
      'Nothing is to change; give memory or memory_policy.guaranteed, in bytes.',
    );
  }
  if (dryRun) throw new Fault(400, 'Only a change of memory can be tried with dry_run.');
  await ask('VM.setGuaranteedMemory', { vmID: vmId, guaranteed });
  return { root: 'vm', members: await oneVm(vmId, visit) };
}

/** Adds to a failure where the job is that failed, if it came to one. */
async function toldWithJob<R>(vmId: string, visit: Visit, change: () => Promise<R>): Promise<R> {
  const before = await newestJob(vmId, visit);
  try {
    return await change();
  } catch (error) {
    const isConflict = error instanceof Fault && error.status === 409;
    const job = isConflict ? await newestJob(vmId, visit) : undefined;
    if (!isConflict || !job || job.job_id === before?.job_id) throw error;
    const location = hrefOfJob(visit.base, vmId, job.job_id);
    throw new Fault(409, error.message, { reason: error.reason, headers: { location } });
  }
}

function answered(vm: VmMembers, change: Result<'VM.setMemory'>, visit: Visit): Answer {
  const job = change.job && linkTo(change.job, vm.id, visit);
  const members = { ...vm, job, memory_change: described(change) };
  if (job?.state !== 'running') return { root: 'vm', members };
  return { status: 202, headers: { location: job.href }, root: 'vm', members };
}

const described = (change: Result<'VM.setMemory'>): Members => ({
  requested: inBytes(change.requested_mib),
  expected: inBytes(change.expected_mib),
  next_run: change.next_run,
  warnings: { warning: change.warnings },
  changes: {
    change: change.plan.map(({ action, alias, from_mib, size_mib }) => ({
      action,
      alias,
      from: inBytes(from_mib),
      size: inBytes(size_mib),
    })),
  },
});

/** What is less was meant in another unit. */
const LEAST = toBytes(toKiB(MiB(1)));

function sizeOf(wishes: Wishes, ...path: readonly [string, ...string[]]): MiB | undefined {
  const text = wishes(...path);
  if (text === undefined) return undefined;
  const bytes = /^\d+$/.test(text) ? Number(text) : NaN;
  const name = path.join('.');
  if (bytes > 0 && bytes < LEAST) {
    const is = `${name} is ${String(bytes)} bytes`;
    throw new Fault(400, `${is}, less than a MiB; sizes here are in bytes.`);
  }
  if (Number.isSafeInteger(bytes)) return floorBytes(bytes);
  throw new Fault(400, `${name} is "${cut(text)}"; give a whole number of bytes.`);
}

/** What a client looks for in the wrong place would be ignored, and it take that for done. */
function refuseMisplaced(wishes: Wishes): void {
  for (const name of ['guaranteed', 'max', 'ballooning']) {
    if (wishes(name) === undefined) continue;
    throw new Fault(400, `${name} belongs in memory_policy; put it there.`);
  }
}

/** A client may put the whole of what it got; what cannot be changed here must be as it is. */
function refuseOtherChanges(wishes: Wishes, { id, name, memory_policy }: VmMembers): void {
  const { max, ballooning } = memory_policy;
  refuseChange('id', wishes('id')?.toLowerCase(), id);
  refuseChange('name', wishes('name'), name.trim());
  refuseChange('memory_policy.max', wishes('memory_policy', 'max'), max);
  refuseChange('memory_policy.ballooning', wishes('memory_policy', 'ballooning'), ballooning);
}

function refuseChange(
  what: string,
  wish: string | undefined,
  present: string | number | boolean | undefined,
): void {
  if (wish === undefined || wish === String(present)) return;
  const is = present === undefined ? 'not set' : `"${String(present)}"`;
  throw new Fault(
    400,
    `${what} is ${is} and cannot be changed here to "${cut(wish)}"; leave it out.`,
  );
}

const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
