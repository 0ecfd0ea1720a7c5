import type { Command } from 'commander';
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
import type { Host } from '../session.ts';
import { vdsmJson } from '../vdsmJson.ts';
import type { Overview } from '../views/answers.ts';
import { hostLines } from '../views/hostGlance.ts';
import { vmColumns } from '../views/vmTable.ts';
import { allWarnings } from '../views/warningLines.ts';

/** `vmemctl` alone: the host and its VMs. */
export const registerOverview: Register = (program, run) => {
  // an unknown command is reported before its own options, which no other command need have
  program.argument('[command...]').usage('[options] [command]').allowUnknownOption();
  program.action(
    run(async (session, [word]: readonly string[]) => {
      if (word !== undefined) throw unknown(word, program);
      if (session.options.json) {
        const all = await eachHost(session, ({ client }) => client.call('Host.getOverview'));
        session.print(vdsmJson(all.json));
        return exitOf(all);
      }
      const all = await eachHost(session, readHost);
      for (const line of greeting(all.values, lookOfData(session))) session.print(line);
      return exitOf(all);
    }),
  );
};

function unknown(word: string, { commands, options }: Command): UsageError {
  const isOption = word.startsWith('-');
  const known =
    isOption ? options.flatMap(({ long }) => long ?? []) : commands.map((each) => each.name());
  const meant = similar(word, known);
  const hint = meant === undefined ? 'see --help.' : `did you mean ${meant}?`;
  return new UsageError(`unknown ${isOption ? 'option' : 'command'} '${word}'; ${hint}`);
}

/** Reads a host at a glance, with what it could promise and free, if that is known. */
async function readHost({ client }: Host): Promise<Overview> {
  const [overview, headroom] = await Promise.all([
    client.call('Host.getOverview'),
    client.call('Host.getMemoryHeadroom').catch(() => undefined),
  ]);
  if (!headroom) return overview;
  const { promisable_kib: promisable, freeable_kib: freeable, reserved_kib: reserved } = headroom;
  return {
    ...overview,
    host: {
      could_promise_kib: promisable,
      could_free_kib: freeable,
      reserved_kib: reserved,
      ...overview.host,
    },
  };
}

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
