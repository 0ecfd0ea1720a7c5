import schema from '../../schema/verbs/VM.hotunplugMemory.ts';
import { verb } from '../verb.ts';
import { unplugMemory } from '../vm/hotplug.ts';

export default verb(schema, async ({ vmID, params }, { vms, flowId }) => {
  await unplugMemory(vms.get(vmID), params, flowId);
  return true as const;
});
