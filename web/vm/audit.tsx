import { useReading } from '../connection/hooks.ts';
import type { AuditEntry } from '../connection/methods.ts';
import { ago, clockTime } from '../model/age.ts';
import { changedSizes } from '../model/audit.ts';
import { Panel } from '../parts/panel.tsx';
import { sentence } from '../parts/warnings.tsx';

const EVERY_MS = 5000;
const COUNT = 20;

interface AuditProps {
  readonly id: string;
  readonly now: number;
}

/** Who has changed what of a VM. */
export function Audit({ id, now }: AuditProps) {
  const { result, problem } = useReading('VM.getAuditTrail', { vmID: id, count: COUNT }, EVERY_MS);
  return (
    <Panel title="Who changed what" kind="audit">
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {result?.entries.length === 0 && <p class="note">Nothing since vmemd has started.</p>}
      <ol class="audit-list" tabIndex={0} aria-label="Changes, newest first">
        {result?.entries.map((entry) => (
          <Entry key={entry.time + entry.flow_id} entry={entry} now={now} />
        ))}
      </ol>
    </Panel>
  );
}

function Entry({ entry, now }: { readonly entry: AuditEntry; readonly now: number }) {
  const { time, verb, summary, outcome, flow_id } = entry;
  const at = Date.parse(time);
  const changes = changedSizes(entry);
  return (
    <li class={outcome}>
      <time dateTime={time} data-tip={`${clockTime(at)}\nRequest\t${flow_id}`}>
        {ago((now - at) / 1000)}
      </time>
      <span>
        <b>{verb.replace(/^VM\./, '')}</b> by {who(entry)}: {summary}.{' '}
        {changes.length > 0 && sentence(changes.join(', '))}
      </span>
    </li>
  );
}

const who = ({ user, certificate, address, transport }: AuditEntry): string =>
  user ??
  certificate ??
  ([transport, address].filter(Boolean).join(' from ') || 'an unknown client');
