import schema from '../../schema/verbs/Host.explainPolicy.ts';
import { verb } from '../api/verb.ts';
import { nextTurn } from '../common/nextTurn.ts';
import { explain } from '../policy/explain/explain.ts';
import { toVdsmError } from '../vm/toVdsmError.ts';

/** A round of more VMs has held the event loop for milliseconds already. */
const MANY = 100;

export default verb(schema, async ({ vmID }, { policy, vms }) => {
  const only = vmID === undefined ? undefined : vms.get(vmID);
  const { settings, last } = policy;
  const isCurrent = last && settings.mode !== 'off';
  const round = isCurrent ? last : await policy.runNow().catch(toVdsmError('UnexpectedError'));
  if (round.decisions.length > MANY) await nextTurn();
  return explain(round, policy, { vms, only });
});
