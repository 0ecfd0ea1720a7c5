import type { Job } from '../connection/methods.ts';
import { toKiB } from '../../src/common/units.ts';
import { inGib } from './size.ts';

type Change = Job['changes'][number];

export const TITLES: Record<Job['action'], string> = {
  plug: 'Add memory',
  unplug: 'Remove memory',
  'set-memory': 'Change memory',
};

export const STATES: Record<Job['state'], string> = {
  running: 'in progress',
  done: 'done',
  partial: 'done in part',
  failed: 'failed',
};

const DOING: Record<Change['action'], string> = {
  plug: 'Add',
  unplug: 'Remove',
  resize: 'Resize to',
};

/** What each state means, and what the guest has to do. */
const MEANING: Record<Change['state'], string> = {
  queued: 'waits for the changes before it',
  requested: 'waits for the guest, which has to move its data away and let go of it',
  online: 'the guest uses it',
  'not-online': 'the guest has to bring it online before it can use it',
  unverified: 'plugged; whether the guest uses it is not known',
  removed: 'removed',
  refused: 'the guest has refused: its kernel uses this memory and cannot move it',
  'timed-out': 'no answer of the guest in time; it may still follow',
  'removed-late': 'removed, later than asked',
  reached: 'the guest uses the new size',
  'reached-late': 'the guest uses the new size, later than asked',
  superseded: 'replaced by a newer request',
  failed: 'failed',
};

const PLUG_REQUESTED = 'waits for the hypervisor to plug it, and for the guest to bring it online';
const RESIZE_REQUESTED = 'waits for the guest to reach the new size';

function meaningOf({ action, state }: Change): string {
  if (state !== 'requested') return MEANING[state];
  if (action === 'plug') return PLUG_REQUESTED;
  return action === 'resize' ? RESIZE_REQUESTED : MEANING.requested;
}

/** Returns what is done to one device and how far that is, in a sentence. */
export function changeWords(change: Change): string {
  const { action, size_mib, attempts = 1, message } = change;
  const again = attempts > 1 ? ` (asked ${attempts} times)` : '';
  const more = message === undefined ? '' : `: ${message}`;
  return `${DOING[action]} ${inGib(toKiB(size_mib))}: ${meaningOf(change)}${again}${more}.`;
}
