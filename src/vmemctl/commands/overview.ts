import type { Register } from '../command.ts';
import { UsageError } from '../exit.ts';
import { similar } from '../names/similar.ts';
import { eachHost, exitOf } from '../eachHost.ts';
import { barLegend } from '../output/memoryBar.ts';
import { between, type Look } from '../output/look.ts';
import { table } from '../output/table.ts';
import { wrap } from '../output/width.ts';
import { lookOfData } from '../people.ts';
import { nameOf } from '../names/findVm.ts';
import { quoted } from '../../common/quote.ts';
import { vdsmJson } from '../vdsmJson.ts';
import type { Overview } from '../views/answers.ts';
import { hostLines } from '../views/hostGlance.ts';
import { vmColumns } from '../views/vmTable.ts';
import { allWarnings } from '../views/warningLines.ts';

/** `vmemctl` alone: the host and its VMs. */
export const registerOverview: Register = (program, run) => {
  program.argument('[command]').usage('[options] [command]');
  program.action(
    run(async (session, command: string | undefined) => {
      if (command !== undefined) {
        const meant = similar(
          command,
          program.commands.map((each) => each.name()),
        );
        const hint = meant === undefined ? 'see --help.' : `did you mean ${meant}?`;
        throw new UsageError(`unknown command '${command}'; ${hint}`);
      }
      const all = await eachHost(session, ({ client }) => client.call('Host.getOverview'));
      const look = lookOfData(session);
      if (session.options.json) session.print(vdsmJson(all.json));
      else for (const line of greeting(all.values, look)) session.print(line);
      return exitOf(all);
    }),
  );
};

/** Returns each host, its VMs, what is to be looked at, and what to try next. */
function greeting(overviews: readonly Overview[], look: Look): string[] {
  const lines = overviews.flatMap((overview, index) => [
    ...(index > 0 ? ['', ''] : []),
    ...hostLines(overview.host, look),
    ...vmLines(overview, look),
    ...allWarnings(overview, look),
  ]);
  const [first] = overviews;
  return first ? [...lines, '', ...next(first, look)] : lines;
}

function vmLines({ vms }: Overview, look: Look): string[] {
  if (vms.length === 0) return [];
  return ['', ...table(vmColumns(look), vms, look), '', ...barLegend(look)];
}

/** Returns commands to try on this host. */
function next({ vms, host }: Overview, look: Look): string[] {
  const [vm] = vms.toSorted((a, b) => b.warnings.length - a.warnings.length);
  const name = vm && quoted(nameOf(vm));
  const tries =
    name === undefined ?
      ['vmemctl create NAME --memory 1G --max 4G', 'vmemctl doctor']
    : [
        `vmemctl show ${name}`,
        `vmemctl set ${name} --memory 2G --dry-run`,
        'vmemctl top',
        ...(host.policy?.mode === 'off' ? ['vmemctl policy observe'] : []),
      ];
  return wrap(`Next: ${tries.join(between(look))}`, look.columns).map((line) =>
    look.style('dim', line),
  );
}
