import schema from '../../schema/verbs/VM.getMemoryDevices.ts';
import { verb } from '../api/verb.ts';
import { describeDevices } from '../vm/report/memoryReport.ts';

export default verb(schema, ({ vmID }, { vms }) => describeDevices(vms.get(vmID)));
