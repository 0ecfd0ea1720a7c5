import { Exit } from '../exit.ts';
import type { Job } from '../views/answers.ts';

/** Returns the exit status of a job; one that still runs, or whose guest may still follow, is done in part. */
export function endOfJob(job: Pick<Job, 'state' | 'changes'>): Exit {
  if (job.state === 'done') return Exit.done;
  return job.state === 'failed' && !mayFollow(job) ? Exit.failed : Exit.inPart;
}

/** Whether a guest that has not answered in time may still do what it was asked for. */
export const mayFollow = ({ changes }: Pick<Job, 'changes'>): boolean =>
  changes.some(({ state }) => state === 'timed-out');
