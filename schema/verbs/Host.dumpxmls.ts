import { array, object, record, text, UUID } from '../types.ts';

export default {
  description: 'Return the domain XML of each VM in vmList, by id.',
  params: object({}, { vmList: array(UUID) }),
  result: record(text),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
