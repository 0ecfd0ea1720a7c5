import type { Seen } from '../connection/merge.ts';
import type { Vm } from '../connection/methods.ts';
import { exactly, inGib } from '../model/size.ts';
import { balloonWords, freshnessWords, statusWords } from '../model/words.ts';
import { Panel } from '../parts/panel.tsx';
import type { KiB } from '../../src/common/units.ts';

interface FiguresProps {
  readonly seen: Seen;
  readonly now: number;
}

/** Each size in GiB and exactly. */
export function Figures({ seen: { vm, at }, now }: FiguresProps) {
  const state = [
    statusWords(vm) ?? 'Running',
    freshnessWords(vm, (now - at) / 1000),
    balloonWords(vm),
    swapWords(vm),
  ];
  return (
    <Panel title="Figures" kind="figures">
      <p>{state.filter((part) => part !== undefined).join('. ')}.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Memory</th>
            <th scope="col">GiB</th>
            <th scope="col">exactly</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(vm).map(([name, size, meaning]) => (
            <tr key={name} data-figure={name}>
              <th scope="row" data-tip={meaning}>
                {name}
              </th>
              <td>{size === undefined ? '–' : inGib(size)}</td>
              <td data-kib={size}>{size === undefined ? absent(vm, name) : exactly(size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">VM {vm.id}</p>
    </Panel>
  );
}

type Row = readonly [name: string, size: KiB | undefined, meaning: string];

function rowsOf(vm: Vm): readonly Row[] {
  const always: readonly Row[] = [
    ['Used', vm.used_kib, 'By programs in the guest, without caches that it could give up.'],
    ['Current', vm.current_kib, 'What the balloon leaves to the guest now.'],
    ['Target', vm.target_kib, `What the balloon was last asked to leave${targetBy(vm)}.`],
    ['Guaranteed', vm.guaranteed_kib, 'What ballooning always leaves to the guest.'],
    ['Maximum', vm.maximum_kib, 'Boot memory and memory devices, with an empty balloon.'],
  ];
  const others: readonly Row[] = [
    ['Held by the balloon', vm.balloon_held_kib, 'Given back to the host.'],
    ['Needed', vm.need_kib, 'What the policy reckons that the guest needs.'],
    ['Least', vm.floor_kib, 'Ballooning never goes below this.'],
    ['On the host', vm.resident_kib, 'Memory of the host that the VM takes up.'],
    ['By virtio-mem', vm.virtio_mem_kib, 'Outside the balloon.'],
    ['Could grow to', vm.ceiling_kib, 'The most that memory devices could bring it to.'],
  ];
  return [...always, ...others.filter(([, size]) => size !== undefined)];
}

const BY = {
  client: ', by a client',
  policy: ', by the policy',
  outside: ', by another program or the guest',
  start: ', when it started',
} as const;

const targetBy = ({ target_by: by }: Vm): string => (by ? BY[by] : '');

const absent = (vm: Vm, name: string): string =>
  name === 'Used' ? (vm.used_absent_because ?? 'not known')
  : name === 'Guaranteed' ? 'none set'
  : 'not known';

function swapWords({
  swap_in_kib_s: read = 0,
  swap_out_kib_s: written = 0,
}: Vm): string | undefined {
  const rate = Math.round(read + written);
  return rate > 0 ? `The guest swaps ${rate.toLocaleString('en-US')} KiB each second` : undefined;
}
