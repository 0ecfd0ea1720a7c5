import type { MemoryDevice } from '../domain-xml/types.ts';
import { isAwaited, isOpen, type MemoryChange } from './jobs.ts';

/** What becomes of a change, with a word about it. */
export type Outcome = Pick<MemoryChange, 'state' | 'message'>;

/**
 * How a change has ended, if it has, by whether its device is there and how large it is, and whether the guest's total
 * can tell, now or later, if a plugged one is used.
 */
export function outcomeOf(
  change: MemoryChange,
  device: MemoryDevice | undefined,
  canTell: boolean,
): Outcome | undefined {
  switch (change.action) {
    case 'unplug':
      return device || isSettled(change) ? undefined : removal(change);
    case 'resize':
      return device?.virtioMem?.current === change.size ? arrival(change) : undefined;
    case 'plug':
      return change.state === 'requested' && device && !canTell ?
          { state: 'unverified', message: UNTOLD }
        : undefined;
  }
}

const isSettled = (change: MemoryChange): boolean => !isOpen(change) && !isAwaited(change);

/** How an unplug that was waited for has ended, now that the device is gone. */
export const removal = ({ state }: MemoryChange): Outcome => ({
  state: state === 'timed-out' ? 'removed-late' : 'removed',
});

function arrival({ state }: MemoryChange): Outcome | undefined {
  if (state === 'timed-out') return { state: 'reached-late' };
  return state === 'requested' ? { state: 'reached' } : undefined;
}

/** Why nobody knows what the guest makes of a plugged device. */
export const UNTOLD =
  'the guest did not tell its memory before and after, so nobody knows whether it uses the device';

/** Why a guest keeps what it was asked for. */
export const WHY_KEPT = 'it was not brought online as movable, or cannot be freed now';
