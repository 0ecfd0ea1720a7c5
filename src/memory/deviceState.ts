import type { ElasticMemory } from '../domain-xml/types.ts';
import { type ChangeState, isGone, type MemoryChange, type MemoryJob } from './jobs.ts';

/** Where a plugged device stands; plugged alone: whether the guest uses it is not known. */
export type DeviceState = 'plugged' | 'guest-online' | 'not-online' | 'unplugging' | 'refused';

/** What is known of a device that is there, with the job that tells it; jobs are oldest first. */
export function deviceState(jobs: readonly MemoryJob[], alias: string): Known {
  const story = storyOf(jobs, alias);
  const asked = story.findLast(tells('unplugging')) ?? story.findLast(tells('refused'));
  if (asked) return told(UNPLUG[asked.change.state] ?? 'plugged', asked);
  const plug = story.find(({ change }) => change.action === 'plug');
  return plug ? told(PLUG[plug.change.state] ?? 'plugged', plug) : { state: 'plugged' };
}

interface Known {
  readonly state: DeviceState;
  readonly job?: MemoryJob;
  readonly message?: string;
}

interface Told {
  readonly job: MemoryJob;
  readonly change: MemoryChange;
}

/** What was done to the device, oldest first, without what was done to others before it that had its alias. */
function storyOf(jobs: readonly MemoryJob[], alias: string): readonly Told[] {
  const all = jobs.flatMap((job) =>
    job.changes.filter((change) => change.alias === alias).map((change) => ({ job, change })),
  );
  const end = all.findLastIndex(({ change }) => isGone(change));
  const story = all.slice(end + 1);
  const plug = story.findLastIndex(({ change }) => change.action === 'plug');
  return story.slice(Math.max(0, plug));
}

/** A request that may yet come to pass tells more than another one beside it that was refused. */
const tells =
  (state: DeviceState) =>
  ({ change }: Told): boolean =>
    change.action === 'unplug' && UNPLUG[change.state] === state;

const UNPLUG: Partial<Record<ChangeState, DeviceState>> = {
  queued: 'unplugging',
  requested: 'unplugging',
  'timed-out': 'unplugging',
  refused: 'refused',
};
const PLUG: Partial<Record<ChangeState, DeviceState>> = {
  online: 'guest-online',
  'not-online': 'not-online',
};

const told = (state: DeviceState, { job, change: { message } }: Told): Known => ({
  state,
  job,
  ...(message === undefined ? {} : { message }),
});

/** The same of a virtio-mem device, whose sizes tell; `change` is where its last change stands. */
export function elasticState(
  { requested, current }: ElasticMemory,
  change: ChangeState | undefined,
): DeviceState {
  if (current > requested) return 'unplugging';
  if (current < requested) return change === 'timed-out' ? 'not-online' : 'plugged';
  return current > 0 ? 'guest-online' : 'plugged';
}
