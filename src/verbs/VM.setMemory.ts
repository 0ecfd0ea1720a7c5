import schema from '../../schema/verbs/VM.setMemory.ts';
import { verb } from '../api/verb.ts';
import { describeResizing } from '../vm/report/memoryReport.ts';
import { setMemory } from '../vm/memory/setMemory.ts';

export default verb(schema, async ({ vmID, ...wish }, { vms, flowId }) => {
  const vm = vms.get(vmID);
  return describeResizing(vm, wish, await setMemory(vm, wish, flowId));
});
