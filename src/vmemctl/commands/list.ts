import type { Register } from '../command.ts';
import { eachHost, exitOf } from '../eachHost.ts';
import { table } from '../output/table.ts';
import { lookOfData } from '../people.ts';
import { vdsmJson } from '../vdsmJson.ts';
import { vmColumns } from '../views/vmTable.ts';

/** `vmemctl list`: the VMs of one host or of several. */
export const registerList: Register = (program, run) => {
  program
    .command('list')
    .helpGroup('See memory:')
    .alias('ls')
    .summary('list the VMs with their memory, of several hosts side by side')
    .option('--names', 'print only the names, one a line')
    .action(
      run(async (session, { names }: { names?: boolean }) => {
        const all = await eachHost(session, async ({ client }) => {
          const { vms } = await client.call('Host.getOverview');
          return vms;
        });
        const rows = all.answered.flatMap(({ host, value }) =>
          value.map((vm) => ({ ...vm, host: host.name })),
        );
        const look = lookOfData(session);
        const columns = vmColumns(look);
        const isOne = session.hosts.length === 1;
        const host = { title: 'HOST', cell: (row: { host: string }) => row.host, least: 8 };
        if (session.options.json) session.print(vdsmJson(all.json));
        else if (names) for (const { name } of rows) session.print(name);
        else
          for (const line of table(isOne ? columns : [host, ...columns], rows, look))
            session.print(line);
        return exitOf(all);
      }),
    );
};
