import schema from '../../schema/verbs/VM.setMemory.ts';
import { verb } from '../verb.ts';
import { describeResizing } from '../vm/memoryReport.ts';
import { setMemory } from '../vm/setMemory.ts';

export default verb(schema, async ({ vmID, ...wish }, { vms, flowId }) => {
  const vm = vms.get(vmID);
  return describeResizing(vm, wish, await setMemory(vm, wish, flowId));
});
