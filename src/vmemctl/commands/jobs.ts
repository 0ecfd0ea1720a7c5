import type { Client } from '../../client/index.ts';
import type { Register } from '../command.ts';
import { Exit } from '../exit.ts';
import { followJob } from '../follow/followJob.ts';
import { endOfJob } from '../follow/endOfJob.ts';
import { chooseVm, show } from '../people.ts';
import type { Job, VmGlance } from '../views/answers.ts';
import { jobLines } from '../views/jobLines.ts';
import { newestJob } from './show.ts';

/** `vmemctl jobs VM`: changes of its memory devices. */
export const registerJobs: Register = (program, run) => {
  program
    .command('jobs')
    .helpGroup('See memory:')
    .summary("show changes of a VM's memory devices, and follow the newest to its end")
    .argument('<vm>', 'name, UUID or the beginning of either')
    .option('-f, --follow', 'wait until the newest has ended')
    .action(
      run(async (session, word: string, { follow }: { follow?: boolean }) => {
        const { client, vm, name } = await chooseVm(session, word);
        const jobs = await knownJobs(client, vm);
        const newest = jobs.at(-1);
        if (!follow || newest?.state !== 'running') {
          show(session, jobs, (look) => {
            if (jobs.length === 0) return [`${name} has no jobs in this run`];
            return jobs.flatMap((job, index) => [
              ...(index > 0 ? [''] : []),
              ...jobLines(job, look, Date.now()),
            ]);
          });
          return follow && newest ? endOfJob(newest) : Exit.done;
        }
        const { last, because } = await followJob(session, {
          client,
          vmId: vm.id,
          jobId: newest.job_id,
          signal: session.world.interruption(),
        });
        show(session, last, (look) => jobLines(last, look, Date.now()));
        if (because === 'interrupted') session.note('The job goes on by itself.');
        return endOfJob(last);
      }),
    );
};

/** Returns the jobs that are known: those that run, those of present devices, and the newest; oldest first. */
async function knownJobs(client: Client, { id: vmID, jobs }: VmGlance): Promise<Job[]> {
  const [devices, newest] = await Promise.all([
    client.call('VM.getMemoryDevices', { vmID }),
    newestJob(client, vmID),
  ]);
  const ids = new Set([
    ...jobs.map((job) => job.job_id),
    ...devices.flatMap((device) => device.job_id ?? []),
  ]);
  if (newest) ids.delete(newest.job_id);
  const others = await Promise.all(
    [...ids].map((jobID) => client.call('VM.getMemoryJob', { vmID, jobID })),
  );
  return [...others.sort((a, b) => (a.started < b.started ? -1 : 1)), ...(newest ? [newest] : [])];
}
