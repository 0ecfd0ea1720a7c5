import { Meters } from '../meters.ts';
import { object, record } from '../types.ts';

export default {
  description: 'Return the result of VM.getMeters for every VM, by id.',
  params: object({}),
  result: record(Meters),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: [],
} as const;
