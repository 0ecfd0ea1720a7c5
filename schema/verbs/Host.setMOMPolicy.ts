import { done, object, text } from '../types.ts';

export default {
  description: "Replace all policies of this host's MoM.",
  params: object({ policy: text }),
  result: done,
  access: 'admin',
  changes: ['mom_policy'],
  errors: ['MomPolicyError'],
} as const;
