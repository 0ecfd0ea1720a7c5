import { object, openObject } from '../types.ts';

export default {
  description: 'Return this API as an OpenRPC document.',
  params: object({}),
  result: openObject({}),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
