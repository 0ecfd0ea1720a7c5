import { exactly, inGib } from '../model/size.ts';
import type { KiB } from '../../src/common/units.ts';

interface SizeProps {
  /** Unknown is shown as a dash. */
  readonly kib: KiB | undefined;
  /** Whether the exact size can be reached with the keyboard too. */
  readonly isStop?: boolean;
}

/** A size in GiB, with the exact one in a tooltip. */
export function Size({ kib, isStop = false }: SizeProps) {
  if (kib === undefined) return <span class="size unknown">–</span>;
  const text = inGib(kib);
  if (!isStop) {
    return (
      <span class="size" data-tip={exactly(kib)} data-kib={kib}>
        {text}
      </span>
    );
  }
  return (
    <button type="button" class="size stop" data-tip={exactly(kib)} data-kib={kib}>
      {text}
    </button>
  );
}
