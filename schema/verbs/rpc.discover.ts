import { object, openObject } from '../types.ts';

export default {
  description: 'Return this API as an OpenRPC document.',
  params: object({}),
  result: openObject({}),
  changes: [],
  errors: [],
} as const;
