import { array, object } from '../types.ts';
import { VmStats } from '../vmStats.ts';

export default {
  description: 'What VM.getStats tells, of every VM.',
  params: object({}),
  result: array(VmStats),
  errors: [],
} as const;
