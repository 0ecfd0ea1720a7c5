import { object, record } from '../types.ts';

export default {
  description: 'Return the I/O limits of VMs; always empty, as vmemd sets none.',
  params: object({}),
  result: record(object({})),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
