import { floorBytes, MiB, toBytes, toKiB } from '../../common/units.ts';
import type { Result } from './verbClient.ts';
import type { Body } from './body.ts';
import { Fault } from './fault.ts';
import { linkTo } from './jobMembers.ts';
import type { Members } from './representation.ts';
import {
  type Answer,
  flag,
  hrefOfJob,
  inBytes,
  refuseOthers,
  type RestRequest,
} from './resource.ts';
import { oneVm, type VmMembers } from './vmMembers.ts';

/** Puts a VM's memory, its guaranteed memory or both; throws a {@link Fault} where that cannot be. */
export async function putVm(vmId: string, request: RestRequest): Promise<Answer> {
  const { ask, query, body = () => undefined } = request;
  refuseOthers(query, ['async', 'correlation_id', 'dryRun', 'dry_run', 'wait']);
  const wait = flag(query, 'wait') ?? flag(query, 'async') === false;
  const dryRun = ['dry_run', 'dryRun'].map((name) => flag(query, name)).includes(true);
  refuseMisplaced(body);
  refuseOtherChanges(body, await oneVm(vmId, request));
  const memory = sizeOf(body, 'memory');
  const guaranteed = sizeOf(body, 'memory_policy', 'guaranteed');
  if (memory !== undefined) {
    const also = guaranteed === undefined ? {} : { guaranteed };
    const params = { vmID: vmId, memory, ...also, wait, dryRun };
    const change = await ask('VM.setMemory', params).catch(toldWithJob(vmId, request));
    return answered(await oneVm(vmId, request), change, request);
  }
  if (guaranteed === undefined) {
    throw new Fault(
      400,
      'Nothing is to change; give memory or memory_policy.guaranteed, in bytes.',
    );
  }
  if (dryRun) throw new Fault(400, 'Only a change of memory can be tried with dry_run.');
  await ask('VM.setGuaranteedMemory', { vmID: vmId, guaranteed });
  return { root: 'vm', members: await oneVm(vmId, request) };
}

/** Adds to the failure of what had become a job where that is. */
const toldWithJob =
  (vmId: string, { base }: RestRequest) =>
  (error: unknown): never => {
    if (!(error instanceof Fault) || error.jobId === undefined) throw error;
    const { status, message, reason, jobId } = error;
    const headers = { ...error.headers, location: hrefOfJob(base, vmId, jobId) };
    throw new Fault(status, message, { reason, headers, jobId });
  };

function answered(vm: VmMembers, change: Result<'VM.setMemory'>, request: RestRequest): Answer {
  const job = change.job && linkTo(change.job, vm.id, request);
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

function sizeOf(body: Body, ...path: readonly [string, ...string[]]): MiB | undefined {
  const text = body(...path);
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
function refuseMisplaced(body: Body): void {
  for (const name of ['guaranteed', 'max', 'ballooning']) {
    if (body(name) === undefined) continue;
    throw new Fault(400, `${name} belongs in memory_policy; put it there.`);
  }
}

/** A client may put the whole of what it got; what cannot be changed here must be as it is. */
function refuseOtherChanges(body: Body, { id, name, memory_policy }: VmMembers): void {
  const { max, ballooning } = memory_policy;
  refuseChange('id', body('id')?.toLowerCase(), id);
  refuseChange('name', body('name'), name.trim());
  refuseChange('memory_policy.max', body('memory_policy', 'max'), max);
  refuseChange('memory_policy.ballooning', body('memory_policy', 'ballooning'), ballooning);
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
