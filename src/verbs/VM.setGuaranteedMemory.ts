import schema from '../../schema/verbs/VM.setGuaranteedMemory.ts';
import { floorMiB, toKiB } from '../common/units.ts';
import { verb } from '../api/verb.ts';
import { setGuaranteedMemory } from '../vm/actions/guarantee.ts';

export default verb(schema, async ({ vmID, guaranteed }, { vms, flowId }) => {
  const vm = vms.get(vmID);
  await setGuaranteedMemory(vm, guaranteed, flowId);
  const { guaranteed: inForce = toKiB(guaranteed) } = vm;
  const given = floorMiB(inForce);
  return {
    code: 0 as const,
    message: 'Done' as const,
    guaranteed_mib: given,
    ...(given < guaranteed && { reason: `the VM has ${String(given)} MiB` }),
  };
});
