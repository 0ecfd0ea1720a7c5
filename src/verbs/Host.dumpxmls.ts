import schema from '../../schema/verbs/Host.dumpxmls.ts';
import { verb } from '../verb.ts';

export default verb(schema, ({ vmList = [] }, { vms }) =>
  Promise.resolve(Object.fromEntries(vmList.map((id) => [id, vms.get(id).xml]))),
);
