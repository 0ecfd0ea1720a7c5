import schema from '../../schema/verbs/Host.dumpxmls.ts';
import { verb } from '../api/verb.ts';
import { currentXml } from '../vm/report/vmStats.ts';

export default verb(schema, async ({ vmList = [] }, { vms }) => {
  const read = vmList.map(async (id) => [id, await currentXml(vms.get(id))] as const);
  return Object.fromEntries(await Promise.all(read));
});
