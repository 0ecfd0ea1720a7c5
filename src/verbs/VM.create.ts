import schema from '../../schema/verbs/VM.create.ts';
import { verb } from '../api/verb.ts';
import { vmEntry } from '../vm/report/vmStats.ts';

export default verb(schema, async ({ vmID, vmParams }, { vms }) => {
  const vm = await vms.create(vmID, vmParams);
  // It may run by now; as from VDSM, events report that.
  return { ...vmEntry(vm), status: 'WaitForLaunch' as const, xml: vm.xml };
});
