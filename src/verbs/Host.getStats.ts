import schema from '../../schema/verbs/Host.getStats.ts';
import { verb } from '../verb.ts';
import { as } from '../vm/failure.ts';

export default verb(schema, (_, { host, vms }) => {
  const all = vms.list();
  const up = all.filter(({ status }) => status === 'Up').length;
  return host.stats({ all: all.length, up }).catch(as('UnexpectedError'));
});
