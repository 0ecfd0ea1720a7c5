import { useState } from 'preact/hooks';
import type { Result, Vm } from '../connection/methods.ts';
import { gibText, inGib, readGib } from '../model/size.ts';
import { SizeField } from './sizeField.tsx';
import type { Action } from './action.ts';
import { floorMiB, toKiB } from '../../src/common/units.ts';
import type { MiB } from '../../src/common/units.ts';

interface Wanted {
  readonly memory: MiB;
  readonly guaranteed?: MiB;
  readonly deflate: boolean;
}

/** Grows or shrinks a VM by its memory devices; the plan is vmemd's own, as a dry run. */
export const memoryAction = (vm: Vm): Action<Wanted> => ({
  title: `Memory of ${vm.name}`,
  verb: 'Change the memory',
  useForm: () => useMemoryForm(vm),
  async plan(wanted, feed) {
    const params = { vmID: vm.id, ...wanted, dryRun: true };
    return planWords(await feed.call('VM.setMemory', params));
  },
  async run(wanted, feed) {
    const answer = await feed.call('VM.setMemory', { vmID: vm.id, ...wanted });
    const { job, memory_mib } = answer;
    if (!job) return [`The VM has ${inGib(toKiB(memory_mib))}`, ...answer.warnings];
    return [
      job.state === 'running' ?
        'Begun: the row shows how far the guest is'
      : `The VM has ${inGib(toKiB(memory_mib))}`,
      ...(job.message === undefined ? [] : [job.message]),
      ...answer.warnings,
    ];
  },
});

function useMemoryForm(vm: Vm) {
  const { memory_kib: now, ceiling_kib: most, guaranteed_kib: guarantee } = vm;
  const [text, setText] = useState(now === undefined ? '' : gibText(now));
  const [promise, setPromise] = useState(guarantee === undefined ? '' : gibText(guarantee));
  const [deflate, setDeflate] = useState(false);
  const memory = readGib(text);
  const guaranteed = readGib(promise);
  const isChanged = guaranteed !== undefined && guaranteed !== guarantee;
  const value =
    memory === undefined || (guaranteed === undefined && promise.trim() !== '') ?
      undefined
    : {
        memory: floorMiB(memory),
        ...(isChanged && { guaranteed: floorMiB(guaranteed) }),
        deflate,
      };
  const note = most === undefined ? 'it has no room for devices' : `at most ${inGib(most)}`;
  const fields = (
    <>
      <SizeField label="Memory" {...{ text, setText, most, note }} />
      <SizeField label="Guaranteed" text={promise} setText={setPromise} />
      <label class="choice">
        <input
          type="checkbox"
          checked={deflate}
          onChange={({ currentTarget }) => setDeflate(currentTarget.checked)}
        />{' '}
        Empty the balloon before devices are removed
      </label>
    </>
  );
  return { value, fields };
}

const DOING = { plug: 'Add a device of', unplug: 'Remove the device of', resize: 'Resize to' };

/** Returns a dry run in sentences. */
function planWords(answer: Result<'VM.setMemory'>): readonly string[] {
  const { memory_mib, requested_mib, expected_mib, plan, next_run, warnings } = answer;
  const expected = inGib(toKiB(expected_mib));
  const goal =
    plan.length === 0 ?
      `Nothing to do: the VM has ${inGib(toKiB(memory_mib))}`
    : `From ${inGib(toKiB(memory_mib))} to ${expected}, if the guest follows`;
  return [
    goal,
    ...(plan.length > 0 && expected_mib !== requested_mib ?
      [`${inGib(toKiB(requested_mib))} exactly is not possible with its devices`]
    : []),
    ...plan.map(({ action, size_mib }) => `${DOING[action]} ${inGib(toKiB(size_mib))}`),
    next_run === 'updated' ?
      'The VM will start with this size next time, too'
    : 'The next start keeps its own size',
    ...warnings,
  ];
}
