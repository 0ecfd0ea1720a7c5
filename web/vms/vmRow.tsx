import type { ComponentChildren } from 'preact';
import type { Seen } from '../connection/merge.ts';
import { gibNumber, inGib } from '../model/size.ts';
import {
  balloonWords,
  freshnessWords,
  isStale,
  jobWords,
  limitWords,
  statusWords,
} from '../model/words.ts';
import { Sign, sentence } from '../parts/warnings.tsx';
import { Sparkline } from './sparkline.tsx';
import type { Spark } from './sparks.ts';
import { VmBar } from './vmBar.tsx';

interface VmRowProps {
  readonly seen: Seen;
  readonly now: number;
  readonly spark: Spark | undefined;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

/** One VM in a line; the whole of it is a button that opens the details. */
export function VmRow({ seen: { vm, at }, now, spark, isOpen, toggle }: VmRowProps) {
  const waited = Math.max(0, (now - at) / 1000);
  const state = [
    isStale(vm) && ' stale',
    vm.status === 'Down' && ' off',
    vm.warnings.length > 0 && ' warned',
  ]
    .filter((each) => each !== false)
    .join('');
  return (
    <button
      type="button"
      class={`vm-head${state}`}
      id={`vm-${vm.id}`}
      aria-expanded={isOpen}
      aria-controls={isOpen ? `details-${vm.id}` : undefined}
      onClick={toggle}
    >
      <span class="vm-name">{vm.name}</span>
      <VmBar vm={vm} />
      <Figures vm={vm} />
      <Sparkline spark={spark} />
      <span class="vm-words">{wordsOf({ vm, at }, waited)}</span>
      <i class="chevron" aria-hidden="true" />
    </button>
  );
}

function Figures({ vm: { used_kib: used, current_kib, memory_kib } }: { readonly vm: Seen['vm'] }) {
  const current = current_kib ?? memory_kib;
  return (
    <span class="vm-figures">
      <b>{used === undefined ? '–' : gibNumber(used)}</b>
      <span class="visually-hidden">GiB used</span>
      {current !== undefined && <span> of {inGib(current)}</span>}
    </span>
  );
}

/** Returns the most important thing to know about a VM. */
function wordsOf({ vm }: Seen, waited: number): ComponentChildren {
  const [warning, ...more] = vm.warnings;
  if (warning) {
    return (
      <>
        <Sign />
        {sentence(warning.text)}
        {more.length > 0 && ` And ${more.length} more.`}
      </>
    );
  }
  return (
    jobWords(vm) ??
    statusWords(vm) ??
    freshnessWords(vm, waited) ??
    balloonWords(vm) ??
    limitWords(vm)
  );
}
