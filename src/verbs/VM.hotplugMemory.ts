import schema from '../../schema/verbs/VM.hotplugMemory.ts';
import { verb } from '../verb.ts';
import { plugMemory } from '../vm/hotplug.ts';

export default verb(schema, async ({ vmID, params }, { vms, flowId }) => {
  await plugMemory(vms.get(vmID), params, flowId);
  return {};
});
