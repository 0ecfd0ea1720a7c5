import { KiB, toBytes } from '../common/units.ts';
import { EXEMPTIONS } from '../policy/decide/lines/fields.ts';
import type { Decision, GuestFigures } from '../policy/decide/round/round.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { PolicyRound } from '../policy/loop/round.ts';
import { expositionPieces, type Family, type Labelled, labelText } from './exposition.ts';

export interface PolicySources {
  readonly policy: Pick<PolicyLoop, 'settings' | 'last'>;
  /** Returns the name of the domain with an id. */
  readonly nameOf: (id: string) => string | undefined;
}

/** Writes all series of the policy, a piece for each family; those of its last round only while it is on. */
export function* policyMetrics({ policy, nameOf }: PolicySources): Iterable<string> {
  const { settings, last } = policy;
  const round = settings.mode === 'off' ? undefined : last;
  const guests = round ? guestsOf(round, nameOf) : [];
  yield* expositionPieces([mode], modesOf(settings.mode));
  yield* expositionPieces(roundFamilies, [{ labels: '', round, guests }]);
  yield* expositionPieces([leftAlone], round ? reasonsIn(guests) : []);
  yield* expositionPieces(guestFamilies, guests);
}

interface Facts extends Labelled {
  readonly round: PolicyRound | undefined;
  readonly guests: readonly Guest[];
}

/** A VM of the last round with what was decided for it. */
interface Guest extends Labelled {
  readonly figures: GuestFigures;
  readonly decision: Decision;
}

function guestsOf({ guests, decisions }: PolicyRound, nameOf: PolicySources['nameOf']): Guest[] {
  return guests.flatMap((figures, index) => {
    const decision = decisions[index];
    const domain = nameOf(figures.name);
    if (!decision || domain === undefined) return [];
    return [{ labels: labelText({ domain }), figures, decision }];
  });
}

const mode: Family<Labelled & { readonly holds: boolean }> = {
  name: 'vmemd_policy_mode',
  type: 'gauge',
  help: 'Whether the policy is off, observes or acts: 1 for the mode that it is in, 0 for the others.',
  value: ({ holds }) => Number(holds),
};

const modesOf = (current: string) =>
  ['off', 'observe', 'act'].map((each) => ({
    labels: labelText({ mode: each }),
    holds: each === current,
  }));

/** Why a guest takes no part in a round, beside its exemptions. */
const OTHER_REASONS = [
  'stuck',
  'no-guarantee',
  'memory-unknown',
  'guarantee-unknown',
  'current-unknown',
  'no-statistics',
  'figures-missing',
  'host-figures-missing',
];
const REASONS = [...EXEMPTIONS, ...OTHER_REASONS];
const reasons = new Set<string>(REASONS);

const leftAlone: Family<Labelled & { readonly vms: number }> = {
  name: 'vmemd_policy_left_alone_vms',
  type: 'gauge',
  help: 'VMs that took no part in the last round of the policy, by reason.',
  value: ({ vms }) => vms,
};

const reasonsIn = (guests: readonly Guest[]) =>
  REASONS.map((reason) => ({
    labels: labelText({ reason }),
    vms: guests.filter(({ decision }) => decision.reason.rule === reason).length,
  }));

const bytes = (size: number | undefined): number | undefined =>
  size === undefined || size < 0 ? undefined : toBytes(KiB(Math.round(size)));

const gauge = <T>(name: string, help: string, value: Family<T>['value']): Family<T> => ({
  name,
  type: 'gauge',
  help,
  value,
});

const roundFamilies: readonly Family<Facts>[] = [
  gauge(
    'vmemd_policy_last_round_timestamp_seconds',
    'When the last round of the policy began.',
    ({ round }) => round && round.at / 1000,
  ),
  gauge(
    'vmemd_policy_would_free_bytes',
    'Memory that the targets of the last round take from VMs, whether they were sent or only observed.',
    ({ round, guests }) => round && bytes(sum(guests, (change) => -change)),
  ),
  gauge(
    'vmemd_policy_would_give_bytes',
    'Memory that the targets of the last round give to VMs, whether they were sent or only observed.',
    ({ round, guests }) => round && bytes(sum(guests, (change) => change)),
  ),
];

const sum = (guests: readonly Guest[], sizeOf: (change: number) => number): number =>
  guests.reduce((total, { figures: { current }, decision: { target } }) => {
    if (current === undefined || target === undefined) return total;
    return total + Math.max(0, sizeOf(target - current));
  }, 0);

const guestFamilies: readonly Family<Guest>[] = [
  gauge(
    'vmemd_policy_wanted_target_bytes',
    'Memory that the policy wants the balloon to leave: the target of the last round, or the size that it keeps.',
    ({ figures, decision }) => bytes(wanted(figures, decision)),
  ),
  gauge(
    'vmemd_policy_need_bytes',
    'Memory that the guest needs by the last round of the policy; absent while that is not known.',
    ({ decision }) => bytes(decision.reason.inputs['need']),
  ),
];

/** The size of a guest that takes no part is not wanted by the policy. */
function wanted({ current }: GuestFigures, { target, reason }: Decision): number | undefined {
  if (reasons.has(reason.rule)) return undefined;
  const isMoving = reason.bound === 'asked-already' || reason.bound === 'on-its-way';
  return target ?? (isMoving ? reason.inputs['asked'] : undefined) ?? current;
}
