import { object, openObject } from '../types.ts';

export default {
  description: 'Return this API as an OpenRPC document.',
  params: object({}),
  result: openObject({}),
  access: 'read',
  changes: [],
  errors: [],
} as const;
