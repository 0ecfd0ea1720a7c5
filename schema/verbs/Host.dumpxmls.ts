import { array, object, record, text, UUID } from '../types.ts';

export default {
  description: 'The domain XML of each VM of vmList, by id.',
  params: object({}, { vmList: array(UUID) }),
  result: record(text),
  errors: ['NoSuchVM'],
} as const;
