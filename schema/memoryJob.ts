import { array, integer, MiB, object, text } from './types.ts';

/** What is done to one memory device, and how that stands; sizes in MiB. */
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

/** A change of a VM's memory that the guest has to go along with: how it stands, device by device. */
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
