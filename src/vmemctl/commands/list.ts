import type { Register } from '../command.ts';
import { eachHost, exitOf } from '../eachHost.ts';
import { hostLabels } from '../names/hostLabels.ts';
import { type Column, table } from '../output/table.ts';
import { printable } from '../output/width.ts';
import { lookOfData } from '../people.ts';
import { vdsmJson } from '../vdsmJson.ts';
import type { VmGlance } from '../views/answers.ts';
import { counted } from '../views/figures.ts';
import { vmColumns } from '../views/vmTable.ts';

const HOST: Column<VmGlance & { readonly host: string }> = {
  title: 'HOST',
  cell: ({ host }) => host,
  least: 8,
  middle: true,
};

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
        const all = await eachHost(session, ({ client }) => client.call('Host.getOverview'), {
          json: ({ vms }) => vms,
        });
        const labels = hostLabels(
          all.answered.map(({ host, value }) => ({ given: host.name, own: value.host.name })),
        );
        const rows = all.values.flatMap(({ vms }, index) =>
          vms.map((vm) => ({ ...vm, host: labels[index] ?? '' })),
        );
        if (session.options.json) session.print(vdsmJson(all.json));
        else if (names) for (const { name } of rows) session.print(printable(name));
        else {
          const look = lookOfData(session);
          const columns = vmColumns(look);
          const shown = session.hosts.length === 1 ? columns : [HOST, ...columns];
          for (const line of table(shown, rows, look)) session.print(line);
          if (session.hosts.length > 1) session.note(totalLine(rows, all.values.length));
        }
        return exitOf(all);
      }),
    );
};

const totalLine = (vms: readonly VmGlance[], hosts: number): string =>
  `${counted(vms.length, 'VM')} on ${counted(hosts, 'host')}; vmemctl hosts has the sums`;
