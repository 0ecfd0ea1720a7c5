import type { StoredMemoryJobs } from '../../../schema/storedMemoryJobs.ts';
import type { Typed } from '../../common/typed.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { Milliseconds } from '../../common/units.ts';
import type { DeviceStep, Operation, Step, StepState } from '../../memory/operation.ts';
import type { Stored } from './content.ts';

/** The format of records before version 2, as read from metadata. */
export type StoredJobs = Typed<typeof StoredMemoryJobs>;
type Job = StoredJobs['jobs'][number];
type Change = Job['changes'][number];

/** The record that says what a record of the former format says. */
export const fromJobs = ({ jobs, before }: StoredJobs): Stored => ({
  revision: 0,
  writer: '',
  boot: 0,
  operations: jobs.map(operationOf),
  ...(before && { baseline: before }),
});

function operationOf(job: Job): Operation {
  const { id, action, flowId, requested, expected, guaranteed } = job;
  return omitUndefined({
    id,
    action,
    flowId,
    startedAt: Milliseconds(job.startedAt),
    endedAt: job.endedAt === undefined ? undefined : Milliseconds(job.endedAt),
    requested,
    expected,
    guaranteed,
    steps: [...deflation(job), ...job.changes.map(deviceStepOf), ...otherSteps(job)],
  });
}

const QUEUED = { state: 'queued', attempts: 0 } as const;

/** The balloon is deflated before the devices that are still to be asked for. */
function deflation({ deflated, changes }: Job): Step[] {
  if (!deflated || !changes.some(({ state }) => state === 'queued')) return [];
  const { memory } = deflated;
  return [{ kind: 'balloon', when: 'now', target: memory, memory, ...QUEUED }];
}

function otherSteps({ action, requested, guaranteed, ...owed }: Job): Step[] {
  const { deflated, owesGuarantee, nextRunBefore } = owed;
  const steps: Step[] = [];
  if (deflated) steps.push({ kind: 'balloon', when: 'all-ended', ...deflated, ...QUEUED });
  if (owesGuarantee === true && guaranteed !== undefined) {
    const scope = action === 'set-memory' ? { isForThisRun: true as const } : {};
    steps.push({ kind: 'guarantee', when: 'first-done', guaranteed, ...scope, ...QUEUED });
  }
  if (nextRunBefore && requested !== undefined) {
    const size = { memory: requested, ...(guaranteed !== undefined && { guaranteed }) };
    steps.push({ kind: 'next-run', ...size, before: nextRunBefore, ...QUEUED });
  }
  return steps;
}

function deviceStepOf(change: Change): DeviceStep {
  const { action, alias, size, node = 0, base, attempts, askedAt: sentAt, message } = change;
  const { isUnverified, isPresent: isThere, ...ended } = STEP_STATES[change.state];
  const progress = { attempts, message, sentAt, boot: 0, ...ended };
  const repeats = change.repeats === true || undefined;
  switch (action) {
    case 'plug': {
      const isPresent = change.wasThere === true ? true : isThere;
      return omitUndefined({
        kind: action,
        alias,
        size,
        node,
        base,
        isPresent,
        isUnverified,
        ...progress,
      }) as DeviceStep;
    }
    case 'unplug':
      return omitUndefined({ kind: action, alias, size, base, repeats, ...progress }) as DeviceStep;
    case 'resize':
      return omitUndefined({ kind: action, alias, size, repeats, ...progress }) as DeviceStep;
  }
}

interface Ended {
  readonly state: StepState;
  readonly late?: true;
  readonly isUnverified?: true;
  readonly isPresent?: true;
}

const STEP_STATES: Readonly<Record<Change['state'], Ended>> = {
  queued: { state: 'queued' },
  requested: { state: 'sent' },
  online: { state: 'done' },
  'not-online': { state: 'timed-out', isPresent: true },
  unverified: { state: 'done', isUnverified: true },
  removed: { state: 'done' },
  refused: { state: 'refused' },
  'timed-out': { state: 'timed-out' },
  'removed-late': { state: 'done', late: true },
  reached: { state: 'done' },
  'reached-late': { state: 'done', late: true },
  superseded: { state: 'superseded' },
  failed: { state: 'failed' },
};
