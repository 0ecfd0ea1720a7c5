import schema from '../../schema/verbs/VM.getMemoryHistory.ts';
import { verb } from '../api/verb.ts';
import { KEPT_S } from '../overview/history/memoryHistory.ts';

export default verb(schema, ({ vmID, seconds = KEPT_S }, { history, vms }) =>
  Promise.resolve(history.ofVm(vms.get(vmID).id, seconds)),
);
