import { MemoryChange, MemoryJob } from './memoryJob.ts';
import { array, boolean, integer, KiB, MiB, object, text, time } from './types.ts';

const Change = object(
  {
    action: MemoryChange.properties.action,
    alias: text,
    size: KiB,
    state: MemoryChange.properties.state,
    attempts: integer,
  },
  {
    node: integer,
    base: text,
    askedAt: time,
    wasThere: boolean,
    repeats: boolean,
    message: text,
  },
);

const Job = object(
  {
    id: text,
    action: MemoryJob.properties.action,
    flowId: text,
    startedAt: time,
    changes: array(Change),
  },
  {
    endedAt: time,
    requested: MiB,
    expected: MiB,
    guaranteed: MiB,
    owesGuarantee: boolean,
    nextRunBefore: array(object({}, { memory: MiB, guaranteed: MiB })),
    deflated: object({ target: KiB, memory: KiB }),
  },
);

/** The first format of memory operations in a domain's metadata, as JSON; read, but not written any more. */
export const StoredMemoryJobs = object(
  { jobs: array(Job) },
  { before: object({ available: KiB, held: KiB }) },
);
