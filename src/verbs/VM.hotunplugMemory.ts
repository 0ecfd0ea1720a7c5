import schema from '../../schema/verbs/VM.hotunplugMemory.ts';
import { verb } from '../verb.ts';
import { unplugMemory } from '../vm/memoryDevices.ts';

export default verb(schema, async ({ vmID, params }, { vms }) => {
  await unplugMemory(vms.get(vmID), params);
  return true as const;
});
