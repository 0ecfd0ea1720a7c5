import schema from '../../schema/verbs/VM.setGuaranteedMemory.ts';
import { floorMiB } from '../common/units.ts';
import { verb } from '../api/verb.ts';
import { setGuaranteedMemory } from '../vm/actions/guarantee.ts';

export default verb(schema, async ({ vmID, guaranteed }, { vms, flowId }) => {
  const vm = vms.get(vmID);
  await setGuaranteedMemory(vm, guaranteed, flowId);
  return { code: 0 as const, message: 'Done' as const, guaranteed_mib: floorMiB(vm.guaranteed) };
});
