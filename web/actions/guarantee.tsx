import { useState } from 'preact/hooks';
import type { Vm } from '../connection/methods.ts';
import { gibText, inGib, readGib } from '../model/size.ts';
import { floorMiB, type KiB, toKiB } from '../../src/common/units.ts';
import type { Action } from './action.ts';
import { SizeField } from './sizeField.tsx';

/** Sets what a VM always keeps. */
export const guaranteeAction = (vm: Vm): Action<KiB> => ({
  title: `Guaranteed memory of ${vm.name}`,
  verb: 'Set the guarantee',
  useForm() {
    const { guaranteed_kib: now, memory_kib: most } = vm;
    const [text, setText] = useState(now === undefined ? '' : gibText(now));
    const fields = (
      <SizeField
        label="Guaranteed"
        {...{ text, setText, most }}
        least={0 as KiB}
        note={most === undefined ? undefined : `at most ${inGib(most)}`}
      />
    );
    return { value: readGib(text), fields };
  },
  plan(guaranteed) {
    const { current_kib: current } = vm;
    const promise = `Ballooning will always leave ${inGib(guaranteed)} to the guest`;
    return current !== undefined && current < guaranteed ?
        [promise, `It has ${inGib(current)} now: its balloon will give memory back to it`]
      : [promise];
  },
  async run(guaranteed, feed) {
    const answer = await feed.call('VM.setGuaranteedMemory', {
      vmID: vm.id,
      guaranteed: floorMiB(guaranteed),
    });
    const what = `${inGib(toKiB(answer.guaranteed_mib))} are guaranteed`;
    return answer.reason === undefined ? [what] : [what, answer.reason];
  },
});
