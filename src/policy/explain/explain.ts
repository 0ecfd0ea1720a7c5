import type { Explanation } from '../../../schema/explanation.ts';
import { pacedMap } from '../../common/pacedMap.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Typed, Unsent } from '../../common/typed.ts';
import type { Registry } from '../../vm/registry/registry.ts';
import type { Vm } from '../../vm/vm.ts';
import { writtenSettings } from '../decide/lines/decided.ts';
import { hostSentence } from '../decide/sentence/hostClause.ts';
import type { PolicyLoop } from '../loop/policyLoop.ts';
import type { PolicyRound } from '../loop/round.ts';
import { type ExplainedVm, explainedVm, notRunning, size, timeText } from './explainVm.ts';

type ExplainedLoop = Pick<PolicyLoop, 'settings' | 'obstacle' | 'asked' | 'pinnedUntil'>;

/** Returns what a round decided and why: of all its VMs, or of the one that is given. */
export async function explain(
  round: PolicyRound,
  loop: ExplainedLoop,
  { vms, only }: { readonly vms: Pick<Registry, 'find'>; readonly only?: Vm | undefined },
): Promise<Unsent<typeof Explanation>> {
  // VMs are explained in pieces, between which all this may change
  const { mode, by, since } = loop.settings;
  const { obstacle } = loop;
  const asked = new Map(loop.asked);
  const find = (id: string): Vm | undefined =>
    only === undefined || id === only.id ? vms.find(id) : undefined;
  const pinnedUntil = (vm: Vm) => loop.pinnedUntil(vm);
  const explained = await explainedVms(round, { asked, pinnedUntil, find });
  return {
    policy: {
      mode,
      algorithm: round.parameters.algorithm,
      parameters: writtenSettings(round.parameters),
      by,
      ...omitUndefined({ since: since && timeText(since), not_acting_because: obstacle }),
    },
    round: {
      time: timeText(round.at),
      cause: round.cause,
      ...omitUndefined({
        number: round.cause === 'request' ? undefined : round.number,
        mom_aborts: round.momAborts,
      }),
    },
    host: explainedHost(round),
    vms: only && explained.length === 0 ? [notRunning(only)] : explained,
  };
}

interface VmSources extends Pick<ExplainedLoop, 'asked' | 'pinnedUntil'> {
  readonly find: (id: string) => Vm | undefined;
}

async function explainedVms(
  { guests, decisions, hostReason: host }: PolicyRound,
  { asked, pinnedUntil, find }: VmSources,
): Promise<ExplainedVm[]> {
  const explained = await pacedMap([...decisions.entries()], ([index, decision]) => {
    const vm = find(decision.name);
    const guest = guests[index];
    if (!vm || !guest) return undefined;
    const known = { asked: asked.get(vm.id), pinnedUntil: pinnedUntil(vm) };
    return explainedVm({ vm, guest, decision, host, ...known });
  });
  return explained.filter((each) => each !== undefined);
}

function explainedHost({ host, hostReason }: PolicyRound): Typed<typeof Explanation>['host'] {
  const { state, inputs } = hostReason;
  return {
    sentence: hostSentence(hostReason),
    state,
    total_kib: host.total,
    ...omitUndefined({
      available_kib: host.available,
      free_kib: host.free,
      goal_kib: size(inputs['goal']),
      reserve_kib: size(inputs['reserve']),
      guests_kib: size(inputs['guests']),
      shortfall_kib: size(inputs['shortfall']),
      for_starving_kib: size(inputs['forStarving']),
      for_need_kib: size(inputs['forNeed']),
      for_all_kib: size(inputs['forAll']),
      stall_percent: host.stall,
      grows_in_s: inputs['growsInSeconds'],
    }),
  };
}
