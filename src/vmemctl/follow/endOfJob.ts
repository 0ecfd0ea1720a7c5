import { Exit } from '../exit.ts';
import type { Job } from '../views/answers.ts';

/** Returns the exit status of a job; one that still runs is done in part. */
export function endOfJob({ state }: Pick<Job, 'state'>): Exit {
  if (state === 'done') return Exit.done;
  return state === 'failed' ? Exit.failed : Exit.inPart;
}
