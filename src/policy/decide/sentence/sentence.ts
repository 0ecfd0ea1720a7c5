import { formatSize } from '../../../common/formatSize.ts';
import { KiB } from '../../../common/units.ts';
import type { Decision, HostReason, Reason } from '../round/round.ts';
import { hostClause } from './hostClause.ts';
import { limits } from './limits.ts';
import { type Inputs, rules } from './rules.ts';

/** What a sentence names besides the decision. */
export interface Told {
  /** The VM's name for people, if it is not the decision's. */
  readonly label?: string | undefined;
  /** What the balloon leaves now, where the decision does not say. */
  readonly current?: KiB | undefined;
  readonly host?: HostReason | undefined;
  /** How long a client's target is still left alone. */
  readonly pinnedSeconds?: number | undefined;
}

/** Returns a decision and its reason as a sentence for people. */
export function sentenceOf(decision: Decision, told: Told = {}): string {
  const { name, target, reason } = decision;
  const { label, current, host, pinnedSeconds } = told;
  const inputs: Inputs = {
    ...(known(current) && { current }),
    ...(pinnedSeconds !== undefined && { pinnedSeconds }),
    ...reason.inputs,
  };
  const rule = rules[reason.rule];
  const because = rule?.because(inputs) ?? reason.rule;
  const clauses = [
    because,
    limitOf(reason, target !== undefined, inputs),
    rule?.isOfHost === true ? hostClause(host) : undefined,
  ];
  const reasons = clauses.filter((clause) => clause !== undefined && clause !== '');
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return `${label ?? name} ${fate(target, inputs, reason)}${why}.`;
}

function limitOf({ rule, bound }: Reason, isAsked: boolean, inputs: Inputs): string | undefined {
  if (bound === undefined) return undefined;
  const limit = limits[`${rule}/${bound}`] ?? limits[bound];
  return limit?.(inputs, isAsked) ?? bound;
}

function fate(target: KiB | undefined, { current, asked }: Inputs, { bound }: Reason): string {
  const now = current === undefined ? undefined : formatSize(KiB(current));
  if (target !== undefined) {
    const size = formatSize(target);
    if (current === undefined || now === undefined || now === size) return `is sent to ${size}`;
    return `is to ${target > current ? 'grow' : 'shrink'} from ${now} to ${size}`;
  }
  if (now === undefined) return 'is left as it is';
  const isMoving = bound === 'asked-already' || bound === 'on-its-way';
  const goal = asked === undefined ? now : formatSize(KiB(asked));
  return isMoving && goal !== now ? `is on its way from ${now} to ${goal}` : `keeps ${now}`;
}

// VDSM reports 0 for a size that it does not know.
const known = (size: KiB | undefined): size is KiB => size !== undefined && size > 0;
