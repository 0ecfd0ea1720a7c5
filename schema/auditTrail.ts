import { array, boolean, integer, object, text } from './types.ts';

const values = { type: 'object', additionalProperties: true } as const;

/** One request that changed something, or would have, as in the log: without secrets. */
export const AuditTrailEntry = object(
  {
    time: text,
    verb: text,
    flow_id: text,
    outcome: { enum: ['done', 'begun', 'planned', 'refused'] },
    summary: text,
    code: integer,
    address: text,
  },
  {
    vm_id: text,
    vm_name: text,
    user: text,
    certificate: text,
    transport: text,
    params: {},
    reason: text,
    no_change: boolean,
    before: values,
    after: values,
  },
);

/** The newest entries, newest first. */
export const AuditTrail = object({ entries: array(AuditTrailEntry) });

export const AuditTrailCount = { count: { ...integer, minimum: 1, maximum: 1000 } } as const;
