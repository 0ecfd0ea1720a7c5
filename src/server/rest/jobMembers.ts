import { Fault } from './fault.ts';
import type { Members } from './members.ts';
import { hrefOfJob, hrefOfVm, inBytes, type RestRequest } from './resource.ts';
import type { Result } from './verbClient.ts';

/** A change of a VM's memory. */
export type Job = Result<'VM.getMemoryJob'>;

/** oVirt's status for each state; oVirt has none for a partial result, which is not `finished`. */
const STATUS = {
  running: 'started',
  done: 'finished',
  partial: 'failed',
  failed: 'failed',
} as const;
const DESCRIPTION = {
  plug: 'Plug a memory device',
  unplug: 'Unplug a memory device',
  'set-memory': 'Set the memory',
} as const;

/** Returns a job of a VM; throws a {@link Fault} if there is no such job. */
export async function oneJob(vmId: string, jobId: string, request: RestRequest): Promise<Members> {
  const job = await request.call('VM.getMemoryJob', { vmID: vmId, jobID: jobId }).catch(notFound);
  return described(job, vmId, request);
}

/** Returns the newest job of a VM, the only one that VM.getMemoryJob finds without an id; none if there was none. */
export async function newestJobs(vmId: string, request: RestRequest): Promise<readonly Members[]> {
  const job = await request.call('VM.getMemoryJob', { vmID: vmId }).catch(unlessNone);
  return job ? [described(job, vmId, request)] : [];
}

function described(job: Job, vmId: string, request: RestRequest): Members {
  return {
    ...linkTo(job, vmId, request),
    description: `${DESCRIPTION[job.action]} of VM ${vmId}`,
    start_time: new Date(job.started),
    end_time: job.ended === undefined ? undefined : new Date(job.ended),
    correlation_id: job.flow_id,
    requested: inBytes(job.requested_mib),
    expected: inBytes(job.expected_mib),
    guaranteed: inBytes(job.guaranteed_mib),
    changes: { change: job.changes.map(describedChange) },
    vm: { href: hrefOfVm(request.base, vmId), id: vmId },
  };
}

// the parameters are valid, so 400 means that there is no such job
const isNoJob = (error: unknown): error is Fault => error instanceof Fault && error.status === 400;

function notFound(error: unknown): never {
  throw isNoJob(error) ? new Fault(404, error.message) : error;
}

function unlessNone(error: unknown): undefined {
  if (!isNoJob(error)) throw error;
}

/** Returns the short form of a job. */
export const linkTo = (
  { job_id, state }: Pick<Job, 'job_id' | 'state'>,
  vmId: string,
  { base }: RestRequest,
): Members & { readonly href: string; readonly state: string } => ({
  href: hrefOfJob(base, vmId, job_id),
  id: job_id,
  status: STATUS[state],
  state,
});

const describedChange = (change: Job['changes'][number]): Members => ({
  action: change.action,
  alias: change.alias,
  size: inBytes(change.size_mib),
  state: change.state,
  attempts: change.attempts,
  message: change.message,
});
