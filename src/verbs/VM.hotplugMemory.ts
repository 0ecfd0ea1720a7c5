import schema from '../../schema/verbs/VM.hotplugMemory.ts';
import { verb } from '../api/verb.ts';
import { plugMemory } from '../vm/memory/hotplug.ts';

export default verb(schema, ({ vmID, params }, { vms, flowId }) =>
  plugMemory(vms.get(vmID), params, flowId),
);
