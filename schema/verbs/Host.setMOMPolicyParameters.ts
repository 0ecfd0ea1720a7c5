import { boolean, done, object } from '../types.ts';

export default {
  description:
    'Switch ballooning and page sharing on or off; a MoM of this host gets the same, at once or when it connects.',
  params: object({
    key_value_store: object(
      {},
      { balloonEnabled: boolean, ksmEnabled: boolean, ksmMergeAcrossNodes: boolean },
    ),
  }),
  result: done,
  errors: [],
} as const;
