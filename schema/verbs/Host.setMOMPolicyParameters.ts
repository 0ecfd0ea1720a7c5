import { boolean, done, object } from '../types.ts';

export default {
  description:
    "Turn ballooning and page sharing on or off: sent to this host's MoM, at once or when it connects; without a MoM, balloonEnabled turns vmemd's own policy on or off, as Host.setPolicy does.",
  params: object({
    key_value_store: object(
      {},
      { balloonEnabled: boolean, ksmEnabled: boolean, ksmMergeAcrossNodes: boolean },
    ),
  }),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'admin',
  changes: ['mom_parameters', 'policy'],
  errors: [],
} as const;
