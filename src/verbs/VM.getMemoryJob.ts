import schema from '../../schema/verbs/VM.getMemoryJob.ts';
import { verb } from '../api/verb.ts';
import { describeJob, findJob } from '../vm/report/memoryReport.ts';

export default verb(schema, ({ vmID, jobID, alias }, { vms }) =>
  describeJob(findJob(vms.get(vmID), { id: jobID, alias })),
);
