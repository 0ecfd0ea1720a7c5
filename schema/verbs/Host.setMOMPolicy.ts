import { done, object, text } from '../types.ts';

export default {
  description: "Replace all policies of this host's MoM.",
  params: object({ policy: text }),
  result: done,
  errors: ['MomPolicyError'],
} as const;
