import schema from '../../schema/verbs/Host.getAllVmStats.ts';
import { verb } from '../verb.ts';
import { vmStats } from '../vm/entry.ts';

export default verb(schema, (_, { vms }) =>
  Promise.resolve(vms.list().map((vm) => vmStats(vm, vms.staleAfter))),
);
