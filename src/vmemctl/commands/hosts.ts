import type { Register } from '../command.ts';
import { eachHost, exitOf } from '../eachHost.ts';
import { hostLabels } from '../names/hostLabels.ts';
import { table } from '../output/table.ts';
import { lookOfData } from '../people.ts';
import { vdsmJson } from '../vdsmJson.ts';
import { figuresOf, hostColumns, type HostRow, totalOf } from '../views/hostTable.ts';

/** `vmemctl hosts`: a line for each host, and their sums. */
export const registerHosts: Register = (program, run) => {
  program
    .command('hosts')
    .helpGroup('See memory:')
    .summary('list the hosts with their memory, what is promised and could be freed, and in all')
    .action(
      run(async (session) => {
        const all = await eachHost(session, ({ client }) => client.call('Host.getOverview'), {
          json: ({ host }) => host,
        });
        if (session.options.json) {
          session.print(vdsmJson(all.json));
          return exitOf(all);
        }
        const answers = new Map(all.answered.map(({ host, value }) => [host, value]));
        const labels = hostLabels(
          session.hosts.map((host) => ({ given: host.name, own: answers.get(host)?.host.name })),
        );
        const rows = session.hosts.map((host, index): HostRow => {
          const answer = answers.get(host);
          return {
            label: labels[index] ?? host.name,
            ...(answer && { glance: figuresOf(answer) }),
          };
        });
        const total = { label: 'in all', glance: totalOf(all.values.map(figuresOf)) };
        const look = lookOfData(session);
        const shown = rows.length > 1 ? [...rows, total] : rows;
        for (const line of table(hostColumns(look), shown, look)) session.print(line);
        return exitOf(all);
      }),
    );
};
