import { type MiB, toKiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { printable, wrap } from '../output/width.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { Resizing } from './answers.ts';
import { counted } from './figures.ts';

type Change = Resizing['plan'][number];

export interface PlanOptions {
  readonly name: string;
  readonly isDryRun: boolean;
  readonly look: Look;
}

/** Returns what is done to a VM's devices, or would be, and what to know about it. */
export function planLines(answer: Resizing, { name, isDryRun, look }: PlanOptions): string[] {
  const { plan, requested_mib: requested, expected_mib: expected, warnings } = answer;
  const near =
    requested === expected ? '' : `, as near to ${sizeIn(requested)} as its devices come`;
  const how = plan.length === 0 ? 'no device changes' : actionsOf(plan);
  const mode = isDryRun ? ' (nothing is done)' : '';
  const lines = [`${name}: ${sizeIn(expected)}${near}: ${how}${mode}`];
  return [...lines, ...warnings.map((text) => `! ${printable(text)}`)].flatMap((line) =>
    wrap(line, look.columns),
  );
}

const sizeIn = (size: MiB): string => formatSize(toKiB(size));

/** Returns the changes by their kind: `plugs 2 devices (1 GiB, 512 MiB)`. */
function actionsOf(plan: readonly Change[]): string {
  const kinds = ['plug', 'unplug', 'resize'] as const;
  return kinds
    .flatMap((kind) => {
      const changes = plan.filter(({ action }) => action === kind);
      if (changes.length === 0) return [];
      const sizes = changes.map(({ size_mib: size, from_mib: from }) =>
        from === undefined ? sizeIn(size) : `${sizeIn(from)} to ${sizeIn(size)}`,
      );
      return [`${kind}s ${counted(changes.length, 'device')} (${sizes.join(', ')})`];
    })
    .join(', ');
}
