import { floorBytes, MiB, toBytes, toKiB } from '../../common/units.ts';
import { sizeSlip } from '../../common/unitSlip.ts';
import type { Body } from './body.ts';
import { Fault } from './fault.ts';
import { linkTo } from './jobMembers.ts';
import type { Members } from './members.ts';
import {
  type ChangeRequest,
  flag,
  hrefOfJob,
  inBytes,
  refuseOthers,
  type RestRequest,
  type RestResponse,
} from './resource.ts';
import type { Result } from './verbClient.ts';
import { oneVm, type VmMembers } from './vmMembers.ts';

/** Sets a VM's memory, its guaranteed memory or both; throws a {@link Fault}. */
export async function putVm(vmId: string, request: ChangeRequest): Promise<RestResponse> {
  const { call, query, body } = request;
  refuseOthers(query, ['async', 'correlation_id', 'dryRun', 'dry_run', 'next_run', 'wait']);
  const wait = flag(query, 'wait') ?? flag(query, 'async') === false;
  const dryRun = ['dry_run', 'dryRun'].map((name) => flag(query, name)).includes(true);
  const nextRun = flag(query, 'next_run') ?? false;
  refuseMisplaced(body);
  const vm = await oneVm(vmId, request, { nextRun });
  refuseOtherChanges(body, vm);
  const { memory, guaranteed } = sizesOf(body, vm);
  if (nextRun) return putNextRun(vmId, request, { memory, guaranteed, dryRun });
  if (memory !== undefined) {
    const also = guaranteed === undefined ? {} : { guaranteed };
    const params = { vmID: vmId, memory, ...also, wait, dryRun };
    const change = await call('VM.setMemory', params).catch(withJobLocation(vmId, request));
    return changed(await oneVm(vmId, request), change, request);
  }
  if (guaranteed === undefined) throw changesNothing;
  if (dryRun)
    throw new Fault(400, 'dry_run needs a change of memory; give memory, or leave dry_run out.');
  await call('VM.setGuaranteedMemory', { vmID: vmId, guaranteed });
  return { root: 'vm', members: await oneVm(vmId, request) };
}

const changesNothing = new Fault(
  400,
  'The body changes nothing; give memory or memory_policy.guaranteed, in bytes.',
);

interface Wanted {
  readonly memory: MiB | undefined;
  readonly guaranteed: MiB | undefined;
  readonly dryRun: boolean;
}

/** Sets what the VM gets when it is started next; this run keeps its own. */
async function putNextRun(
  vmId: string,
  request: ChangeRequest,
  { memory, guaranteed, dryRun }: Wanted,
): Promise<RestResponse> {
  if (memory === undefined && guaranteed === undefined) throw changesNothing;
  if (dryRun) throw new Fault(400, 'dry_run plans a change of this run; leave next_run out.');
  const sizes = {
    ...(memory === undefined ? {} : { memory }),
    ...(guaranteed === undefined ? {} : { guaranteed }),
  };
  await request.call('VM.setNextRun', { vmID: vmId, ...sizes });
  return { root: 'vm', members: await oneVm(vmId, request, { nextRun: true }) };
}

/** Adds the location of the failed job, if any, to a fault. */
const withJobLocation =
  (vmId: string, { base }: RestRequest) =>
  (error: unknown): never => {
    if (!(error instanceof Fault) || error.jobId === undefined) throw error;
    const { status, message, reason, jobId } = error;
    const headers = { ...error.headers, location: hrefOfJob(base, vmId, jobId) };
    throw new Fault(status, message, { reason, headers, jobId });
  };

function changed(
  vm: VmMembers,
  change: Result<'VM.setMemory'>,
  request: ChangeRequest,
): RestResponse {
  const job = change.job && linkTo(change.job, vm.id, request);
  const members = { ...vm, job, memory_change: described(change) };
  if (job?.state !== 'running') return { root: 'vm', members };
  const headers = { location: job.href };
  const asksAsync = flag(request.query, 'async') === true && !request.isSdk;
  const isAsync = request.prefersAsync || asksAsync;
  if (!isAsync) return { headers, root: 'vm', members };
  return { status: 202, headers: { ...headers, ...APPLIED }, root: 'vm', members };
}

/** RFC 7240. */
const APPLIED = { 'preference-applied': 'respond-async' };

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

/** Returns the sizes of a body; throws a {@link Fault} for one that was hardly meant in bytes. */
function sizesOf(body: Body, vm: VmMembers) {
  const most = vm.memory_policy.max ?? vm.memory;
  const memory = sizeOf(body, { most }, 'memory');
  const all = inBytes(memory) ?? vm.memory;
  const guaranteed = sizeOf(body, { most, all }, 'memory_policy', 'guaranteed');
  return { memory, guaranteed };
}

/** The verbs refuse a size this many times too large as one in KiB instead of MiB. */
const FAR = 16;

/** A smaller size was probably meant in another unit. */
const LEAST = toBytes(toKiB(MiB(1)));

/** The range of a size that a VM can have, and of all memory that it is a part of, in bytes. */
interface SizeRange {
  readonly most: number;
  readonly all?: number;
}

/** Returns a size; throws a {@link Fault} unless it is one in bytes that the VM can have. */
function sizeOf(
  body: Body,
  range: SizeRange,
  ...path: readonly [string, ...string[]]
): MiB | undefined {
  const text = body(...path);
  if (text === undefined) return undefined;
  const bytes = /^\d+$/.test(text) ? Number(text) : NaN;
  const name = path.join('.');
  const problem = Number.isNaN(bytes) ? undefined : sizeProblem(bytes, range, name);
  if (problem !== undefined) throw new Fault(400, `${name} is ${cut(text)} bytes, ${problem}.`);
  if (Number.isSafeInteger(bytes)) return floorBytes(bytes);
  throw new Fault(400, `${name} is "${cut(text)}"; give a whole number of bytes.`);
}

function sizeProblem(
  bytes: number,
  { most, all = most }: SizeRange,
  name: string,
): string | undefined {
  if (bytes > Number.MAX_SAFE_INTEGER) {
    return `which is too large; give at most ${String(Number.MAX_SAFE_INTEGER)} bytes`;
  }
  // nothing can be guaranteed, but a VM has memory
  if (bytes === 0 && name !== 'memory') return undefined;
  if (bytes < LEAST) return 'less than a MiB; sizes here are in bytes';
  const slip = sizeSlip(bytes, most, 'bytes');
  if (slip !== undefined) return `and sizes here are in bytes: ${slip}`;
  if (bytes < FAR * all) return undefined;
  return `far more than the VM can have, ${String(all)}; give less`;
}

/** Refuses members outside memory_policy, which would otherwise be ignored without the client's notice. */
function refuseMisplaced(body: Body): void {
  for (const name of ['guaranteed', 'max', 'ballooning']) {
    if (body(name) === undefined) continue;
    throw new Fault(400, `${name} belongs in memory_policy; put it there.`);
  }
}

/** A client may send the whole representation back; members that cannot be changed must have their current value. */
function refuseOtherChanges(body: Body, { id, name, memory_policy }: VmMembers): void {
  const { max, ballooning } = memory_policy;
  refuseChange('id', body('id')?.toLowerCase(), id);
  refuseChange('name', body('name'), name.trim());
  refuseChange('memory_policy.max', body('memory_policy', 'max'), max);
  refuseChange('memory_policy.ballooning', body('memory_policy', 'ballooning'), ballooning);
}

function refuseChange(
  member: string,
  requested: string | undefined,
  present: string | number | boolean | undefined,
): void {
  if (requested === undefined || requested === String(present)) return;
  const is = present === undefined ? 'not set' : `"${String(present)}"`;
  throw new Fault(
    400,
    `${member} is ${is} and cannot be changed here to "${cut(requested)}"; leave it out.`,
  );
}

const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
