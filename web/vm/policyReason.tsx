import { useReading } from '../connection/hooks.ts';
import type { Result } from '../connection/methods.ts';
import { clockTime } from '../model/age.ts';
import { inGib } from '../model/size.ts';
import { POLICY } from '../model/words.ts';
import { Panel } from '../parts/panel.tsx';
import { sentence } from '../parts/warnings.tsx';

const EVERY_MS = 5000;

type Explanation = Result<'Host.explainPolicy'>;

/** Why the policy wants what it wants for a VM, in sentences with their numbers. */
export function PolicyReason({ id }: { readonly id: string }) {
  const { result, problem } = useReading('Host.explainPolicy', { vmID: id }, EVERY_MS);
  const vm = result?.vms.find((each) => each.id === id);
  return (
    <Panel title="What the policy says" kind="reason">
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {result && (
        <>
          <p>{vm ? withStop(vm.sentence) : 'The policy knows nothing of this VM.'}</p>
          <p>{sentence(result.host.sentence)}</p>
          {vm?.asked && <p>{askedWords(vm.asked)}</p>}
          <p class="note">{policyWords(result)}</p>
        </>
      )}
    </Panel>
  );
}

/** A sentence that begins with the name of a VM keeps it as it is. */
const withStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const OUTCOMES = {
  pending: 'under way',
  applied: 'done',
  'not-applied': 'not done',
  failed: 'failed',
} as const;

function askedWords({
  target_kib,
  time,
  outcome,
  reason,
}: NonNullable<Explanation['vms'][number]['asked']>): string {
  const what = `Last asked for ${inGib(target_kib)} at ${clockTime(Date.parse(time))}: ${OUTCOMES[outcome]}`;
  return sentence(reason === undefined ? what : `${what}, as ${reason}`);
}

function policyWords({ policy, round }: Explanation): string {
  const { mode, algorithm, not_acting_because } = policy;
  const words = `${POLICY[mode].name}, ${algorithm}. ${POLICY[mode].meaning}. Decided at ${clockTime(Date.parse(round.time))}`;
  return sentence(not_acting_because === undefined ? words : `${words}. ${not_acting_because}`);
}
