import schema from '../../schema/verbs/VM.create.ts';
import { includes } from '../access/accessClass.ts';
import { verb } from '../api/verb.ts';
import { vmEntry } from '../vm/report/vmStats.ts';

export default verb(schema, async ({ vmID, vmParams }, { vms, peer }) => {
  const isTrusted = includes(peer.access, 'admin');
  const vm = await vms.create(vmID, vmParams, { isTrusted });
  // It may run by now; as from VDSM, events report that.
  return { ...vmEntry(vm), status: 'WaitForLaunch' as const, xml: vm.xml };
});
