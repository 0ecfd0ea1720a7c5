import type { Client } from '../../client/index.ts';
import { LiveLines } from '../output/liveLines.ts';
import { printable } from '../output/width.ts';
import { lookOfWords } from '../people.ts';
import type { Session } from '../session.ts';
import type { Job } from '../views/answers.ts';
import { changeLine, jobLines } from '../views/jobLines.ts';
import type { Ended } from './poll.ts';
import { pollVm } from './pollVm.ts';

export interface JobOfVm {
  readonly client: Client;
  readonly vmId: string;
  readonly jobId: string;
  readonly signal: AbortSignal;
}

/**
 * Follows a job to its end or until it is interrupted: on a terminal as lines that are drawn anew, elsewhere as one line
 * for each change of a device. Nothing is written with --json but what goes wrong.
 */
export async function followJob(session: Session, job: JobOfVm): Promise<Ended<Job>> {
  const { client, vmId, jobId, signal } = job;
  const look = lookOfWords(session);
  const { stderr } = session.world;
  const live = new LiveLines(stderr);
  const isQuiet = session.options.json === true;
  let told = new Map<string, string>();
  const onValue = (value: Job): void => {
    if (isQuiet) return;
    live.show(jobLines(value, look, Date.now()));
    if (stderr.isTTY === true) return;
    for (const change of value.changes) {
      const line = changeLine(change, look);
      if (told.get(change.alias) !== line) live.tell(printable(line));
    }
    told = new Map(value.changes.map((change) => [change.alias, changeLine(change, look)]));
  };
  try {
    return await pollVm({
      client,
      vmId,
      read: () => client.call('VM.getMemoryJob', { vmID: vmId, jobID: jobId }),
      isDone: ({ state }) => state !== 'running',
      onValue,
      signal,
    });
  } finally {
    live.clear();
  }
}
