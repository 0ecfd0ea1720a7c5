import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { canonicalUuid } from '../../common/uuid.ts';
import { auditLog } from '../../jsonrpc/audit.ts';
import type { Caller } from '../../jsonrpc/request.ts';
import type { RestResponse } from './resource.ts';
import type { Target } from './route.ts';

/** A refused request to change something, for which no verb has written a line. */
export interface Refused {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly peer: Caller['peer'];
  readonly flowId: string | undefined;
  readonly response: RestResponse;
}

/** How much of a client's text a line has. */
const LONGEST = 256;

/** Returns a function that writes the line about such a request, as the call of a verb does. Never rejects. */
export function refusalAudit(log: Logger, clock: Clock): (refused: Refused) => Promise<void> {
  const audit = auditLog(log, clock);
  return async ({ request, target, peer, flowId, response }) => {
    const [collection, id = ''] = target.segments;
    const line = omitUndefined({
      event: 'audit',
      request: `${String(request.method)} ${String(request.url)}`.slice(0, LONGEST),
      vmId: collection === 'vms' ? canonicalUuid(id) : undefined,
      address: peer.address,
      certificate: peer.certificate,
      user: await peer.user?.(),
      transport: peer.transport,
      flow_id: flowId?.slice(0, LONGEST),
      status: response.status,
      reason: detailOf(response)?.slice(0, LONGEST),
    });
    audit('warn').warn(line, `${String(request.method)} over REST: not done`);
  };
}

/** The detail of a fault, or of the fault in an action. */
function detailOf({ root, members }: RestResponse): string | undefined {
  const fault = root === 'fault' ? members : members['fault'];
  const detail = (fault as { readonly detail?: unknown } | undefined)?.detail;
  return typeof detail === 'string' ? detail : undefined;
}
