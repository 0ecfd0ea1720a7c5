import { object, record } from '../types.ts';

export default {
  description: 'The I/O limits of the VMs that have any; vmemd keeps none, so the answer is empty.',
  params: object({}),
  result: record(object({})),
  errors: [],
} as const;
