import type { Explanation } from '../../../schema/explanation.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Unsent } from '../../common/typed.ts';
import { KiB, type Milliseconds } from '../../common/units.ts';
import { freshnessOnWire } from '../../vm/report/usage.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Decision, GuestFigures, HostReason } from '../decide/round/round.ts';
import { needText } from '../decide/sentence/needText.ts';
import { sentenceOf } from '../decide/sentence/sentence.ts';
import type { Asked } from '../loop/round.ts';

export type ExplainedVm = Unsent<typeof Explanation>['vms'][number];

export interface Decided {
  readonly vm: Vm;
  readonly guest: GuestFigures;
  readonly decision: Decision;
  readonly host: HostReason;
  readonly asked: Asked | undefined;
  /** Until when it is left to a client, in milliseconds since 1970. */
  readonly pinnedUntil: Milliseconds | undefined;
}

/** Returns why a VM's balloon is to move or to stay, in numbers and in a sentence. */
export function explainedVm({ vm, guest, decision, host, ...known }: Decided): ExplainedVm {
  const { asked } = known;
  const { name } = vm.domain;
  const { rule, bound, inputs } = decision.reason;
  const pinnedUntil = rule === 'pinned' ? known.pinnedUntil : undefined;
  const pinnedSeconds = pinnedUntil && Math.ceil(pinnedUntil / 1000 - vm.clock.wallTime());
  const { current, memory, weight = 1 } = guest;
  // one literal, undefined members and all, as statistics are
  return {
    id: vm.id,
    name,
    sentence: sentenceOf(decision, { label: name, current, host, pinnedSeconds }),
    rule,
    bound,
    target_kib: decision.target,
    current_kib: current,
    freshness: freshnessOnWire(vm.freshness),
    used_kib: size(inputs['used']),
    missing_kib: size(inputs['missing']),
    warm_kib: size(inputs['warm']),
    free_kib: size(inputs['free']),
    floor_kib: guest.floor,
    bare_kib: size(inputs['bare']),
    need_kib: size(inputs['need']),
    need_because: needText(inputs),
    part_kib: size(inputs['part']),
    memory_kib: memory,
    weight,
    asked_again_in_s: inputs['askedAgainInSeconds'],
    pinned_until: pinnedUntil && timeText(pinnedUntil),
    asked: asked && askedOnWire(asked),
  };
}

/** What is said of a VM that took no part in the round. */
export function notRunning({ id, domain, status, isAlive }: Vm): ExplainedVm {
  const why = isAlive ? 'it has started since the last round' : `it is ${status}`;
  return {
    id,
    name: domain.name,
    sentence: `${domain.name} is left as it is: ${why}.`,
    rule: isAlive ? 'started' : 'not-running',
  };
}

const askedOnWire = ({ target, at, outcome, reason }: Asked) => ({
  target_kib: target,
  time: timeText(at),
  outcome,
  ...omitUndefined({ reason }),
});

export const timeText = (at: Milliseconds): string => new Date(at).toISOString();

/** A size of MoM's arithmetic may be a fraction, or negative from figures that contradict each other. */
export const size = (value: number | undefined): KiB | undefined =>
  value === undefined || value < 0 ? undefined : KiB(Math.round(value));
