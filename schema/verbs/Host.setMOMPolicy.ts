import { done, object, text } from '../types.ts';

export default {
  description: 'Hand a policy to the MoM of this host, in place of all that it has.',
  params: object({ policy: text }),
  result: done,
  errors: ['MomPolicyError'],
} as const;
