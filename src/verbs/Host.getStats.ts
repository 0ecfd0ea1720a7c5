import schema from '../../schema/verbs/Host.getStats.ts';
import { verb } from '../api/verb.ts';
import { toVdsmError } from '../vm/toVdsmError.ts';

export default verb(schema, async (_, { host, mom, vms }) => {
  const all = [...vms.list(), ...vms.unreadable()];
  const up = all.filter(({ status }) => status === 'Up').length;
  const momIsActive = await mom.isActive();
  return host.stats({ all: all.length, up }, momIsActive).catch(toVdsmError('UnexpectedError'));
});
