import schema from '../../schema/verbs/VM.hotunplugMemory.ts';
import { verb } from '../api/verb.ts';
import { unplugMemory } from '../vm/memory/hotplug.ts';

export default verb(schema, async ({ vmID, params }, { vms, flowId }) => {
  await unplugMemory(vms.get(vmID), params, flowId);
  return true as const;
});
