import { done, object, text } from '../types.ts';

export default {
  description: "Replace all policies of this host's MoM.",
  params: object({ policy: text }),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'admin',
  changes: ['mom_policy'],
  errors: ['MomPolicyError'],
} as const;
