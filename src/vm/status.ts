import type { DomainState, LifecycleEvent } from '../host/hypervisor.ts';
import type { Typed } from '../common/typed.ts';
import type { VmStatus as VmStatusSchema } from '../../schema/types.ts';
import { Milliseconds } from '../common/units.ts';

export type VmStatus = Typed<typeof VmStatusSchema>;

/** How a VM ended; codes and reasons are VDSM's (virt/vmexitreason.py). */
export interface Exit {
  readonly code: 0 | 1;
  readonly reason: number;
  readonly message: string;
}

/** The state of a VM's run; `until` is on the clock of {@link statusAt}. */
export type RunState =
  | { readonly phase: 'launching' }
  /** `byIoError`: the hypervisor paused it after an I/O error of a disk. */
  | { readonly phase: 'paused'; readonly byIoError?: boolean }
  | { readonly phase: 'running'; readonly passing?: Passing }
  | { readonly phase: 'down'; readonly exit: Exit };

/** A status that becomes Up at `until`; `Powering up` also when the guest reports. */
interface Passing {
  readonly status: 'Powering up' | 'RebootInProgress' | 'Powering down';
  readonly until: Milliseconds;
}

const LIFETIME = {
  'Powering up': 60_000,
  RebootInProgress: 60_000,
  'Powering down': 300_000,
} as const;

/** Returns a running VM with a status that lasts as long as in VDSM (virt/vm.py). */
export const passing = (status: Passing['status'], now: Milliseconds): RunState => ({
  phase: 'running',
  passing: { status, until: Milliseconds(now + LIFETIME[status]) },
});

/** Returns the status that clients see at `now`, by VDSM's names. */
export function statusAt(runState: RunState, now: Milliseconds): VmStatus {
  switch (runState.phase) {
    case 'launching':
      return 'WaitForLaunch';
    case 'paused':
      return 'Paused';
    case 'down':
      return 'Down';
    case 'running':
      return runState.passing && now < runState.passing.until ? runState.passing.status : 'Up';
  }
}

export const exits = {
  failedStart: (message: string): Exit => ({ code: 1, reason: 1, message }),
  lostQemu: { code: 1, reason: 2, message: 'Lost connection with the QEMU process' },
  migrated: { code: 0, reason: 4, message: 'Migration succeeded' },
  saved: { code: 0, reason: 5, message: 'SaveState succeeded' },
  adminShutdown: { code: 0, reason: 6, message: 'Admin shut down' },
  userShutdown: { code: 0, reason: 7, message: 'User shut down from within the guest' },
  unknown: {
    code: 1,
    reason: 1,
    message: 'The domain was found shut off: it was not started, or how it ended is unknown',
  },
  missing: { code: 1, reason: 9, message: 'The domain is gone from the hypervisor' },
} as const;

// Details of libvirt's "stopped" event (virDomainEventStoppedDetailType).
const STOPPED = { shutdown: 0, destroyed: 1, crashed: 2, migrated: 3, saved: 4, failed: 5 };

/** Returns why a domain stopped, by libvirt's event detail; `isRequested`: a client requested the shutdown. */
export function exitOf(detail: number, isRequested: boolean): Exit {
  switch (detail) {
    case STOPPED.shutdown:
      return isRequested ? exits.adminShutdown : exits.userShutdown;
    case STOPPED.destroyed:
      return exits.adminShutdown;
    case STOPPED.migrated:
      return exits.migrated;
    case STOPPED.saved:
      return exits.saved;
    default:
      return exits.lostQemu;
  }
}

// Reasons of a shut-off domain (virDomainShutoffReason) that have a "stopped" detail of the same meaning.
const DETAIL_OF_SHUTOFF_REASON = new Map([
  [1, STOPPED.shutdown],
  [2, STOPPED.destroyed],
  [3, STOPPED.crashed],
  [4, STOPPED.migrated],
  [5, STOPPED.saved],
  [6, STOPPED.failed],
]);

const exitFound = (reason: number): Exit => {
  const detail = DETAIL_OF_SHUTOFF_REASON.get(reason);
  return detail === undefined ? exits.unknown : exitOf(detail, false);
};

/** Returns the run state of a domain found in this state, at start or after a reconnect. */
export function runStateFound(state: DomainState, reason: number): RunState {
  switch (state) {
    case 'running':
    case 'shutting-down':
      return { phase: 'running' };
    case 'paused':
      return { phase: 'paused', byIoError: reason === PAUSED_BY_IO_ERROR };
    case 'pm-suspended':
      return { phase: 'paused' };
    case 'crashed':
      return { phase: 'down', exit: exits.lostQemu };
    case 'shut-off':
      return { phase: 'down', exit: exitFound(reason) };
  }
}

/** virDomainPausedReason and virDomainEventSuspendedDetailType of the same cause. */
const PAUSED_BY_IO_ERROR = 5;
const SUSPENDED_BY_IO_ERROR = 2;

/** virDomainEventStartedDetailType: the same run continues after a suspend to memory. */
const STARTED_BY_WAKEUP = 4;

/** virDomainEventStartedDetailType of a guest whose memory and devices were kept: migrated, restored, from a snapshot. */
const STARTED_FROM_STATE = [1, 2, 3];

/** Returns whether a run that starts with this detail has the guest, the devices and the record of the run before. */
export const continuesRecord = (detail: number): boolean => STARTED_FROM_STATE.includes(detail);

/** Returns whether the event starts a new run of the domain. */
export const beginsRun = (event: LifecycleEvent, detail: number): boolean =>
  event === 'started' && detail !== STARTED_BY_WAKEUP;

/** Returns the run state after a lifecycle event, or undefined if the event does not change it. */
export function runStateAfter(
  runState: RunState,
  event: LifecycleEvent,
  detail: number,
  now: Milliseconds,
): RunState | undefined {
  switch (event) {
    case 'started':
      return detail === STARTED_BY_WAKEUP ? { phase: 'running' } : passing('Powering up', now);
    case 'suspended':
      return { phase: 'paused', byIoError: detail === SUSPENDED_BY_IO_ERROR };
    case 'pm-suspended':
      return { phase: 'paused' };
    case 'resumed':
      return runState.phase === 'paused' ? { phase: 'running' } : undefined;
    case 'stopped':
      return { phase: 'down', exit: exitOf(detail, isPoweringDown(runState)) };
    case 'crashed':
      return { phase: 'down', exit: exits.lostQemu };
    case 'defined':
    case 'undefined':
    case 'shutdown':
      return undefined;
  }
}

const isPoweringDown = (runState: RunState): boolean =>
  runState.phase === 'running' && runState.passing?.status === 'Powering down';

/** Ends `Powering up`: a VM whose guest has reported is Up. */
export const afterReport = (runState: RunState): RunState =>
  runState.phase === 'running' && runState.passing?.status === 'Powering up' ?
    { phase: 'running' }
  : runState;
