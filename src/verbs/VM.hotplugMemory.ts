import schema from '../../schema/verbs/VM.hotplugMemory.ts';
import { verb } from '../api/verb.ts';
import { plugMemory } from '../vm/memory/hotplug.ts';

export default verb(schema, async ({ vmID, params }, { vms, flowId }) => {
  await plugMemory(vms.get(vmID), params, flowId);
  return {};
});
