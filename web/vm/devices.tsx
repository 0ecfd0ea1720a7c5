import { useReading } from '../connection/hooks.ts';
import type { Device } from '../connection/methods.ts';
import { exactly, inGib } from '../model/size.ts';
import { Panel } from '../parts/panel.tsx';
import { sentence } from '../parts/warnings.tsx';
import { type KiB, type MiB, toKiB } from '../../src/common/units.ts';

const EVERY_MS = 3000;

const STATES: Record<Device['state'], string> = {
  plugged: 'Plugged; whether the guest uses it is not known',
  'guest-online': 'In use by the guest',
  'not-online': 'Not used: the guest has not brought it online',
  unplugging: 'Being removed; waiting for the guest',
  refused: 'The guest has refused to give it back',
};

interface DevicesProps {
  readonly id: string;
  readonly ceiling: KiB | undefined;
}

/** A VM's memory devices as the slots of a board. */
export function Devices({ id, ceiling }: DevicesProps) {
  const { result: devices, problem } = useReading('VM.getMemoryDevices', { vmID: id }, EVERY_MS);
  return (
    <Panel title="Memory devices" kind="devices">
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {devices?.length === 0 && (
        <p class="note">
          None: the VM has what it booted with
          {ceiling === undefined ?
            ', and no room for more'
          : `, and could grow to ${inGib(ceiling)}`}
          .
        </p>
      )}
      {devices && devices.length > 0 && (
        <ul class="slots">
          {devices.map((device) => (
            <Slot key={device.alias} device={device} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Slot({ device }: { readonly device: Device }) {
  const { alias, model, slot, size_mib, state, message, requested_mib, current_mib } = device;
  return (
    <li class={`slot ${state}`} data-tip={tipOf(device)}>
      <span class="slot-name">{slot === undefined ? model : `Slot ${slot}`}</span>
      <b>{inGib(toKiB(size_mib))}</b>
      <span class="slot-state">
        {STATES[state]}
        {requested_mib !== undefined && ` (${size(current_mib)} of ${size(requested_mib)})`}
        {message !== undefined && `. ${sentence(message)}`}
      </span>
      <span class="slot-alias">{alias}</span>
    </li>
  );
}

const size = (mib: MiB | undefined): string => (mib === undefined ? '–' : inGib(toKiB(mib)));

const tipOf = ({ model, alias, node, size_mib, base }: Device): string =>
  [
    `${model}\t${alias}`,
    `Size\t${exactly(toKiB(size_mib))}`,
    `NUMA node\t${node}`,
    ...(base === undefined ? [] : [`Address\t${base}`]),
  ].join('\n');
