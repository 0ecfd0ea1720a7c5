import schema from '../../schema/verbs/VM.hotplugMemory.ts';
import { verb } from '../verb.ts';
import { plugMemory } from '../vm/memoryDevices.ts';

export default verb(schema, async ({ vmID, params }, { vms }) => {
  await plugMemory(vms.get(vmID), params);
  return {};
});
