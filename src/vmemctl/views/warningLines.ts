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
  const lines = [
    ...warningLines(host.warnings, look),
    ...vms.flatMap((vm) => warningLines(vm.warnings, look, nameOf(vm))),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
