import schema from '../../schema/verbs/VM.create.ts';
import { verb } from '../verb.ts';
import { vmEntry } from '../vm/entry.ts';

export default verb(schema, async ({ vmID, vmParams }, { vms }) => {
  const vm = await vms.create(vmID, vmParams);
  return { ...vmEntry(vm), xml: vm.xml };
});
