import { useReading } from '../connection/hooks.ts';
import type { Job, Vm } from '../connection/methods.ts';
import { clockTime } from '../model/age.ts';
import { changeWords, STATES, TITLES } from '../model/jobs.ts';
import { inGib } from '../model/size.ts';
import { Panel } from '../parts/panel.tsx';
import { sentence } from '../parts/warnings.tsx';
import { toKiB } from '../../src/common/units.ts';

const EVERY_MS = 2000;

/** The newest change of a VM's memory devices: how far it is, and what the guest has to do. */
export function JobPanel({ vm }: { readonly vm: Vm }) {
  const { result: job } = useReading('VM.getMemoryJob', { vmID: vm.id }, EVERY_MS);
  return (
    <Panel title={vm.jobs.length > 0 ? 'Change in progress' : 'Last change of devices'} kind="jobs">
      {job ?
        <JobWords job={job} />
      : <p class="note">None is known.</p>}
    </Panel>
  );
}

function JobWords({ job }: { readonly job: Job }) {
  const { action, state, started, ended, requested_mib, changes, message } = job;
  const goal = requested_mib === undefined ? '' : ` to ${inGib(toKiB(requested_mib))}`;
  const isOver = changes.filter(
    ({ state: each }) => each !== 'queued' && each !== 'requested',
  ).length;
  return (
    <>
      <p>
        <b>
          {TITLES[action]}
          {goal}: {STATES[state]}
        </b>
        , begun {clockTime(Date.parse(started))}
        {ended !== undefined && `, ended ${clockTime(Date.parse(ended))}`}.
      </p>
      {state === 'running' && (
        <progress max={Math.max(1, changes.length)} value={isOver} aria-label="Devices done">
          {isOver} of {changes.length}
        </progress>
      )}
      {message !== undefined && <p>{sentence(message)}</p>}
      <ul class="changes">
        {changes.map((change) => (
          <li key={change.alias}>{changeWords(change)}</li>
        ))}
      </ul>
    </>
  );
}
