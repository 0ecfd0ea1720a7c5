import { useState } from 'preact/hooks';
import type { Vm } from '../connection/methods.ts';
import { gibText, inGib, readGib } from '../model/size.ts';
import { SizeField } from './sizeField.tsx';
import type { Action } from './action.ts';
import type { KiB } from '../../src/common/units.ts';

/** Sets how much memory the balloon leaves to a guest. */
export const balloonAction = (vm: Vm): Action<KiB> => ({
  title: `Balloon of ${vm.name}`,
  verb: 'Set the balloon',
  useForm() {
    const { floor_kib: least, maximum_kib: most, target_kib, current_kib } = vm;
    const now = target_kib ?? current_kib ?? most;
    const [text, setText] = useState(now === undefined ? '' : gibText(now));
    const value = readGib(text);
    const note = `from ${sizeOr(least, 'the least')} to ${sizeOr(most, 'the maximum')}`;
    const fields = (
      <SizeField label="Leave to the guest" {...{ text, setText, least, most, note }} />
    );
    return { value, fields };
  },
  plan(target) {
    const now = vm.current_kib;
    if (now === undefined) return [`The balloon will leave ${inGib(target)} to the guest`];
    const change = Math.abs(target - now) as KiB;
    if (change < 1024) return [`The guest has ${inGib(now)} already`];
    return target < now ?
        [
          `The guest has ${inGib(now)} and is asked to give ${inGib(change)} back to the host`,
          ...(target < (vm.used_kib ?? 0) ? [tight(vm)] : []),
        ]
      : [`The guest has ${inGib(now)} and gets ${inGib(change)} more`];
  },
  async run(target, feed) {
    const answer = await feed.call('VM.setBalloonTarget', { vmID: vm.id, target });
    const set = answer.target ?? target;
    const what = answer.applied ? `The target is ${inGib(set)}` : 'The target was not changed';
    return answer.reason === undefined ? [what] : [what, answer.reason];
  },
});

const tight = ({ used_kib: used }: Vm): string =>
  `That is less than the ${sizeOr(used, 'memory')} that it uses now: it will swap, or end programs`;

const sizeOr = (size: KiB | undefined, words: string): string =>
  size === undefined ? words : inGib(size);
