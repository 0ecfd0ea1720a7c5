import type { Vm } from '../connection/methods.ts';
import { exactly, inGib } from '../model/size.ts';
import type { KiB } from '../../src/common/units.ts';

/** A VM's memory as one bar up to its maximum: used, current and held, with marks for the target and the guarantee. */
export function VmBar({ vm }: { readonly vm: Vm }) {
  const { used_kib: used, current_kib, target_kib: target, guaranteed_kib: guaranteed } = vm;
  const maximum = vm.maximum_kib ?? vm.memory_kib ?? 0;
  const current = current_kib ?? maximum;
  const place = (size: number): string =>
    `${(maximum > 0 ? Math.min(100, (100 * size) / maximum) : 0).toFixed(2)}%`;
  return (
    <span class="vm-bar" data-tip={figuresTip(vm)} aria-hidden="true">
      <span class="track">
        <span class="current" style={{ width: place(current) }} />
        {used !== undefined && <span class="used" style={{ width: place(used) }} />}
      </span>
      {guaranteed !== undefined && (
        <i class="mark guaranteed" style={{ left: place(guaranteed) }} />
      )}
      {target !== undefined && <i class="mark target" style={{ left: place(target) }} />}
    </span>
  );
}

/** The sizes of a VM's memory with their names, from the smallest meaning to the largest. */
const figuresOf = (vm: Vm): readonly (readonly [name: string, size: KiB | undefined])[] => [
  ['Used', vm.used_kib],
  ['Current', vm.current_kib],
  ['Target', vm.target_kib],
  ['Guaranteed', vm.guaranteed_kib],
  ['Maximum', vm.maximum_kib ?? vm.memory_kib],
];

const figuresTip = (vm: Vm): string =>
  figuresOf(vm)
    .map(([name, size]) =>
      size === undefined ? `${name}\t–\t` : `${name}\t${inGib(size)}\t${exactly(size)}`,
    )
    .join('\n');
