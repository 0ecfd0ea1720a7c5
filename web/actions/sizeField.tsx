import { useId } from 'preact/hooks';
import { exactly, gibText, readGib } from '../model/size.ts';
import type { KiB } from '../../src/common/units.ts';

interface SizeFieldProps {
  readonly label: string;
  readonly text: string;
  readonly setText: (text: string) => void;
  /** Bounds of the slider; without them there is none. */
  readonly least?: KiB | undefined;
  readonly most?: KiB | undefined;
  readonly note?: string | undefined;
}

const KIB_PER_MIB = 1024;

/** A size in GiB, typed or chosen by a slider, with the exact size beside it. */
export function SizeField({ label, text, setText, least, most, note }: SizeFieldProps) {
  const id = useId();
  const size = readGib(text);
  return (
    <div class="size-field">
      <label for={id}>{label}</label>
      <span class="size-input">
        <input
          id={id}
          type="text"
          inputMode="decimal"
          value={text}
          aria-describedby={`${id}-note`}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />{' '}
        GiB
      </span>
      {least !== undefined && most !== undefined && (
        <input
          type="range"
          aria-label={`${label}, slider`}
          min={Math.ceil(least / KIB_PER_MIB)}
          max={Math.floor(most / KIB_PER_MIB)}
          step={1}
          value={(size ?? least) / KIB_PER_MIB}
          onInput={({ currentTarget }) =>
            setText(gibText((Number(currentTarget.value) * KIB_PER_MIB) as KiB))
          }
        />
      )}
      <span id={`${id}-note`} class="note">
        {size === undefined ? 'A size in GiB, for example 1.5' : exactly(size)}
        {note !== undefined && `; ${note}`}
      </span>
    </div>
  );
}
