import schema from '../../schema/verbs/Host.getVMList.ts';
import { verb } from '../verb.ts';
import { vmEntry } from '../vm/entry.ts';

export default verb(schema, ({ vmList = [] }, { vms }) => {
  const wanted = new Set(vmList.map((id) => id.toLowerCase()));
  const shown = vms.list().filter(({ id }) => wanted.size === 0 || wanted.has(id));
  return Promise.resolve(shown.map(vmEntry));
});
