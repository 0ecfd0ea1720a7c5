import { boolean, done, object } from '../types.ts';

export default {
  description:
    "Turn ballooning and page sharing on or off; also sent to this host's MoM, at once or when it connects.",
  params: object({
    key_value_store: object(
      {},
      { balloonEnabled: boolean, ksmEnabled: boolean, ksmMergeAcrossNodes: boolean },
    ),
  }),
  result: done,
  access: 'admin',
  changes: ['mom_parameters'],
  errors: [],
} as const;
