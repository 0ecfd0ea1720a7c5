import { StoredMemoryJobs } from '../../../schema/storedMemoryJobs.ts';
import type { MemoryJob } from '../../memory/jobs.ts';
import type { GuestTotal } from '../../memory/online.ts';
import { validator } from '../../common/validate.ts';

/** What of jobs outlives vmemd, in the metadata of the run. */
interface Stored {
  readonly jobs: readonly MemoryJob[];
  readonly before?: GuestTotal;
}

const checked = validator<Stored>(StoredMemoryJobs);

/** Reads what was kept; nothing where somebody else wrote there. */
export function readStored(text: string): Stored {
  try {
    const stored: unknown = JSON.parse(text);
    const valid = checked();
    if (valid(stored)) return stored;
  } catch {
    // somebody else wrote there
  }
  return { jobs: [] };
}
