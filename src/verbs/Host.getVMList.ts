import schema from '../../schema/verbs/Host.getVMList.ts';
import { verb } from '../verb.ts';
import { vmEntries } from '../vm/entry.ts';

export default verb(schema, ({ vmList }, { vms }) =>
  Promise.resolve(vmEntries(vms.list(), vmList)),
);
