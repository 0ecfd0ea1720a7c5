import schema from '../../schema/verbs/VM.hotplugMemory.ts';
import { includes } from '../access/accessClass.ts';
import { verb } from '../api/verb.ts';
import { requirePlainDevice } from '../vm/memory/deviceParams.ts';
import { plugMemory } from '../vm/memory/hotplug.ts';

export default verb(schema, async ({ vmID, params }, { vms, flowId, peer }) => {
  if (!includes(peer.access, 'admin')) requirePlainDevice(params);
  return plugMemory(vms.get(vmID), params, flowId);
});
