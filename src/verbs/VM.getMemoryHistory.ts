import schema from '../../schema/verbs/VM.getMemoryHistory.ts';
import { verb } from '../api/verb.ts';
import { KEPT_S } from '../overview/history/memoryHistory.ts';

export default verb(schema, ({ vmID, seconds = KEPT_S }, { history, vms }) => {
  const { id, domain } = vms.get(vmID);
  return history.readVm({ id, name: domain.name }, seconds);
});
