import { Meters } from '../meters.ts';
import { object, record } from '../types.ts';

export default {
  description: 'What VM.getMeters tells, of every VM, by id.',
  params: object({}),
  result: record(Meters),
  errors: [],
} as const;
