import type { MemoryDevice, VirtioMem } from '../domain-xml/types.ts';
import { isAbout } from './identity.ts';
import {
  type ChangeState,
  isGone,
  type JobChange,
  type MemoryChange,
  type MemoryJob,
  newestChange,
} from './jobs.ts';

/** Where a plugged device stands; plugged alone: whether the guest uses it is not known. */
export type DeviceState = 'plugged' | 'guest-online' | 'not-online' | 'unplugging' | 'refused';

/** What is known of a device, with the job that tells it. */
interface Known {
  readonly state: DeviceState;
  readonly job?: MemoryJob;
  readonly message?: string;
}

/** What is known of a device that is there; jobs are oldest first. */
export const deviceState = (jobs: readonly MemoryJob[], device: MemoryDevice): Known =>
  device.virtioMem ?
    virtioMemState(newestChange(jobs, device.alias ?? '', 'resize'), device.virtioMem)
  : dimmState(jobs, device);

function dimmState(jobs: readonly MemoryJob[], device: MemoryDevice): Known {
  const known = storyOf(jobs, device).flatMap(toldBy);
  const newest = (state: DeviceState): Known | undefined =>
    known.findLast((one) => one.state === state);
  // a request that may yet come to pass tells more than another one beside it that was refused
  return newest('unplugging') ?? newest('refused') ?? known[0] ?? { state: 'plugged' };
}

/** How a device was plugged, as far as that is known; jobs are oldest first. */
export const plugOf = (jobs: readonly MemoryJob[], device: MemoryDevice): JobChange | undefined =>
  storyOf(jobs, device).find(({ change }) => change.action === 'plug');

/** What was done to the device, oldest first, without what was done to others before it that had its alias. */
function storyOf(jobs: readonly MemoryJob[], device: MemoryDevice): readonly JobChange[] {
  const all = jobs.flatMap((job) =>
    job.changes.filter((change) => isAbout(change, device)).map((change) => ({ job, change })),
  );
  const end = all.findLastIndex(({ change }) => isGone(change));
  const story = all.slice(end + 1);
  const plug = story.findLastIndex(({ change }) => change.action === 'plug');
  return story.slice(Math.max(0, plug));
}

/** What a change of a DIMM says of it; an unplug that came to nothing says nothing. */
function toldBy({ job, change }: JobChange): Known[] {
  const state = stateAfter(change);
  return state === undefined ? [] : [{ state, job, ...messageOf(change) }];
}

function stateAfter({ action, state }: MemoryChange): DeviceState | undefined {
  if (action === 'plug') return PLUG[state] ?? 'plugged';
  return action === 'unplug' ? UNPLUG[state] : undefined;
}

const PLUG: Partial<Record<ChangeState, DeviceState>> = {
  online: 'guest-online',
  'not-online': 'not-online',
};
const UNPLUG: Partial<Record<ChangeState, DeviceState>> = {
  queued: 'unplugging',
  requested: 'unplugging',
  'timed-out': 'unplugging',
  refused: 'refused',
};

const messageOf = ({ message }: MemoryChange): Pick<Known, 'message'> =>
  message === undefined ? {} : { message };

/** Of a virtio-mem device its sizes tell, and whether its last change has run out of time. */
function virtioMemState(last: JobChange | undefined, { requested, current }: VirtioMem): Known {
  const known = last && { job: last.job, ...messageOf(last.change) };
  if (current > requested) return { state: 'unplugging', ...known };
  if (current < requested) {
    const isLate = last?.change.state === 'timed-out';
    return { state: isLate ? 'not-online' : 'plugged', ...known };
  }
  return { state: current > 0 ? 'guest-online' : 'plugged', ...known };
}
