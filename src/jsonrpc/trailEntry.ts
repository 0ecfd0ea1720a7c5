import type { Services, State } from '../api/context.ts';
import { omitUndefined } from '../common/omitUndefined.ts';
import type { Milliseconds } from '../common/units.ts';
import { type Ending, outcomeOf, outcomeText } from './auditOutcome.ts';
import { brief } from './brief.ts';

type TrailEntry = Parameters<Services['trail']['add']>[0];

/** What the log's line about a change says. */
export interface AuditLine {
  readonly verb: string;
  readonly vmId?: string;
  readonly vmName?: string;
  /** Fit for a log. */
  readonly params?: unknown;
  readonly address: string;
  readonly certificate?: string;
  readonly user?: string;
  readonly transport?: string;
  readonly flow_id: string;
  readonly code: number;
  readonly reason?: string;
  readonly no_change?: true;
  readonly before?: State;
  readonly after?: State;
}

/** Returns the entry of the audit trail for a line of the log; `time` is in milliseconds since 1970. */
export const trailEntry = (line: AuditLine, ending: Ending, time: Milliseconds): TrailEntry => ({
  time: new Date(time).toISOString(),
  outcome: outcomeOf(ending),
  summary: outcomeText(ending),
  verb: line.verb,
  flow_id: line.flow_id,
  code: line.code,
  address: line.address,
  params: line.params,
  ...omitUndefined({
    vm_id: line.vmId,
    vm_name: line.vmName,
    user: line.user,
    certificate: line.certificate,
    transport: line.transport,
    reason: line.reason,
    no_change: line.no_change,
    before: bounded(line.before),
    after: bounded(line.after),
  }),
});

const bounded = (state: State | undefined): State | undefined => state && (brief(state) as State);
