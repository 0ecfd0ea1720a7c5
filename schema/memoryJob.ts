import { array, integer, MiB, object, text } from './types.ts';

/** A change of one memory device and its state; sizes in MiB. */
export const MemoryChange = object(
  {
    action: { enum: ['plug', 'unplug', 'resize'] },
    alias: text,
    size_mib: MiB,
    state: {
      enum: [
        'queued',
        'requested',
        'online',
        'not-online',
        'unverified',
        'removed',
        'refused',
        'timed-out',
        'removed-late',
        'reached',
        'reached-late',
        'superseded',
        'failed',
      ],
    },
  },
  { attempts: integer, message: text },
);

/** An operation on a VM's memory devices and its state, with one change per device. */
export const MemoryJob = object(
  {
    job_id: text,
    action: { enum: ['plug', 'unplug', 'set-memory'] },
    state: { enum: ['running', 'done', 'partial', 'failed'] },
    flow_id: text,
    started: text,
    changes: array(MemoryChange),
  },
  {
    ended: text,
    requested_mib: MiB,
    expected_mib: MiB,
    guaranteed_mib: MiB,
    message: text,
  },
);
