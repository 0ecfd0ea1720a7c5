import { Milliseconds } from '../../common/units.ts';
import { CallFailedError, type Client } from '../../client/index.ts';
import type { Register } from '../command.ts';
import { chooseVm, show } from '../people.ts';
import { auditLines } from '../views/auditLines.ts';
import type { Job } from '../views/answers.ts';
import { devicesTable } from '../views/devicesTable.ts';
import { jobLines } from '../views/jobLines.ts';
import { nextRunLine } from '../views/nextRunLine.ts';
import { vmLines } from '../views/vmDetails.ts';
import { warningLines } from '../views/warningLines.ts';

/** Requests that are shown of the audit trail. */
const RECENT = 5;

/** `vmemctl show VM`: all about the memory of a VM. */
export const registerShow: Register = (program, run) => {
  program
    .command('show')
    .alias('info')
    .helpGroup('See memory:')
    .summary('show all about the memory of a VM')
    .argument('<vm>', 'name, UUID or the beginning of either')
    .action(
      run(async (session, word: string) => {
        const { client, vm } = await chooseVm(session, word);
        const answers = await readVm(client, vm.id);
        const { balloon, devices, job, nextRun, trail } = answers;
        show(session, { vm, ...answers }, (look) => {
          const now = Milliseconds(Date.now());
          return [
            ...vmLines({ vm, balloon, devices, now }, look),
            ...section(nextRunLine(nextRun)),
            ...section(devices.length > 0 ? devicesTable(devices, vm.memory_kib, look) : []),
            ...section(job && job.state !== 'done' ? jobLines(job, look, now) : []),
            ...section(auditLines(trail.entries, { look, now })),
            ...section(warningLines(vm.warnings, look)),
          ];
        });
        return undefined;
      }),
    );
};

/** Reads a VM by several verbs at the same time. */
async function readVm(client: Client, vmID: string) {
  const [balloon, usage, devices, nextRun, trail, job] = await Promise.all([
    client.call('VM.getBalloonInfo', { vmID }),
    client.call('VM.getMemoryUsage', { vmID }),
    client.call('VM.getMemoryDevices', { vmID }),
    client.call('VM.getNextRun', { vmID }).catch(absent),
    client.call('VM.getAuditTrail', { vmID, count: RECENT }),
    newestJob(client, vmID),
  ]);
  return { balloon, usage, devices, nextRun, trail, job };
}

/** Returns the newest job of a VM; undefined if it has none in this run. */
export const newestJob = (client: Client, vmID: string): Promise<Job | undefined> =>
  client.call('VM.getMemoryJob', { vmID }).catch(absent);

/** A call that the daemon refuses has no answer; other errors are thrown. */
function absent(error: unknown): undefined {
  if (error instanceof CallFailedError) return undefined;
  throw error;
}

const section = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', ...lines];
