import { nameOf } from '../names/findVm.ts';
import type { Look } from '../output/look.ts';
import { printable, wrap } from '../output/width.ts';
import type { Overview, Warning } from './answers.ts';

/** Returns warnings as lines; `of` is what they are about, for a list of several. */
export function warningLines(warnings: readonly Warning[], look: Look, of?: string): string[] {
  const before = of === undefined ? '' : `${printable(of)}: `;
  return warnings.flatMap(({ text }) => {
    const room = look.columns === undefined ? undefined : look.columns - 2;
    const [first = '', ...more] = wrap(before + printable(text), room);
    return [`${look.style(['bold', 'yellow'], '!')} ${first}`, ...more.map((line) => `  ${line}`)];
  });
}

/** Returns the warnings of the host and of all its VMs, after a blank line if there are any. */
export function allWarnings({ host, vms }: Pick<Overview, 'host' | 'vms'>, look: Look): string[] {
  const lines = [...warningLines(host.warnings, look), ...ofVms(vms, look)];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Returns each warning once, with the names of its VMs: those that start together have the same. */
function ofVms(vms: Overview['vms'], look: Look): string[] {
  const all = new Map<string, { warning: Warning; names: string[] }>();
  for (const vm of vms) {
    for (const warning of vm.warnings) {
      const same = all.get(warning.text) ?? { warning, names: [] };
      same.names.push(nameOf(vm));
      all.set(warning.text, same);
    }
  }
  return [...all.values()].flatMap(({ warning, names }) =>
    warningLines([warning], look, names.join(', ')),
  );
}
