import schema from '../../schema/verbs/Host.getVMFullList.ts';
import { verb } from '../api/verb.ts';
import { vmEntries } from '../vm/report/vmStats.ts';

export default verb(schema, ({ vmList }, { vms }) =>
  vmEntries([...vms.list(), ...vms.unreadable()], vmList),
);
