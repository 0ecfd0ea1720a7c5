import schema from '../../schema/verbs/VM.getMemoryJob.ts';
import { verb } from '../verb.ts';
import { describeJob, findJob } from '../vm/memoryReport.ts';

export default verb(schema, ({ vmID, jobID, alias }, { vms }) =>
  Promise.resolve(describeJob(findJob(vms.get(vmID), { id: jobID, alias }))),
);
