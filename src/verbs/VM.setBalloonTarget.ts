import schema from '../../schema/verbs/VM.setBalloonTarget.ts';
import { verb } from '../api/verb.ts';
import { setBalloonTarget } from '../vm/actions/setBalloon.ts';

export default verb(schema, async ({ vmID, target }, { vms, flowId, policy, peer }) => {
  const vm = vms.get(vmID);
  const answer = await setBalloonTarget(vm, { wish: target, by: 'client', flowId });
  if (answer.applied) policy.noteTarget(peer, vm.id);
  return { code: 0, message: 'Done', ...answer } as const;
});
