import schema from '../../schema/verbs/VM.setBalloonTarget.ts';
import { verb } from '../api/verb.ts';
import { setBalloonTarget } from '../vm/actions/setBalloon.ts';

export default verb(schema, async ({ vmID, target }, { vms, flowId }) => {
  const answer = await setBalloonTarget(vms.get(vmID), { wish: target, by: 'client', flowId });
  return { code: 0, message: 'Done', ...answer } as const;
});
