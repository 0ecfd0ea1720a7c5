import { array, object } from '../types.ts';
import { VmStats } from '../vmStats.ts';

export default {
  description: 'Return the result of VM.getStats for every VM.',
  params: object({}),
  result: array(VmStats),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
