import schema from '../../schema/verbs/Host.getAllMeters.ts';
import { verb } from '../api/verb.ts';
import { meters } from '../vm/report/usage.ts';

export default verb(schema, (_, { vms }) =>
  Object.fromEntries(vms.list().map((vm) => [vm.id, meters(vm)])),
);
