import { Freshness } from './freshness.ts';
import { array, integer, KiB, object, openObject, text, UUID } from './types.ts';

const number = { type: 'number' } as const;
const mode = { enum: ['off', 'observe', 'act'] } as const;

/** How the policy runs; parameters are all settings of its algorithm, by their names in docs/policy-rules.md. */
const Policy = object(
  { mode, algorithm: text, parameters: openObject({}), by: text },
  { since: text, not_acting_because: text },
);

/** The round that is explained; one that was held for the request alone has no number. */
const Round = object(
  { time: text, cause: { enum: ['interval', 'stall', 'request'] } },
  { number: integer, mom_aborts: text },
);

/** How the host stood, and what guests could have of it. */
const ExplainedHost = object(
  {
    sentence: text,
    state: { enum: ['enough', 'short', 'critical', 'stalled', 'unknown'] },
    total_kib: KiB,
  },
  {
    available_kib: KiB,
    free_kib: KiB,
    goal_kib: KiB,
    reserve_kib: KiB,
    guests_kib: KiB,
    shortfall_kib: KiB,
    for_starving_kib: KiB,
    for_need_kib: KiB,
    for_all_kib: KiB,
    stall_percent: number,
    grows_in_s: integer,
  },
);

/** What a VM was last asked for, and what came of it. */
const Asked = object(
  {
    target_kib: KiB,
    time: text,
    outcome: { enum: ['pending', 'applied', 'not-applied', 'failed'] },
  },
  { reason: text },
);

/** A VM's decision: what was known of it, the rule, what limited it, and the target if it is to move. */
const Explained = object(
  { id: UUID, name: text, sentence: text, rule: text },
  {
    bound: text,
    target_kib: KiB,
    current_kib: KiB,
    freshness: Freshness,
    used_kib: KiB,
    missing_kib: KiB,
    warm_kib: KiB,
    free_kib: KiB,
    floor_kib: KiB,
    bare_kib: KiB,
    need_kib: KiB,
    need_because: text,
    part_kib: KiB,
    memory_kib: KiB,
    weight: number,
    asked_again_in_s: integer,
    pinned_until: text,
    asked: Asked,
  },
);

export const Explanation = object({
  policy: Policy,
  round: Round,
  host: ExplainedHost,
  vms: array(Explained),
});
