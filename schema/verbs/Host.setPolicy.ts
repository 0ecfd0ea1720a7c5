import { object, openObject, text } from '../types.ts';

const mode = { enum: ['off', 'observe', 'act'] } as const;
const algorithm = { enum: ['adaptive', 'mom'] } as const;

/** Settings of an algorithm by their names in docs/policy-rules.md. */
const settings = openObject({});

export default {
  summary: 'Share out memory',
  description:
    'Choose whether and how vmemd shares out the memory of the host among its VMs, also after a restart; observe decides and reports, and changes no VM. What is not given stays as it is; a parameter that is null gets its default. Returns the settings in force.',
  params: object({}, { mode, algorithm, parameters: settings }),
  result: object(
    { mode, algorithm, parameters: settings, by: { enum: ['configuration', 'client', 'engine'] } },
    {
      /** Why it does not act although its mode is act. */
      not_acting_because: text,
      /** RFC 3339. */
      since: text,
    },
  ),
  since: '0.1.0',
  stability: 'experimental',
  access: 'admin',
  changes: ['policy'],
  errors: ['InvalidParameter'],
  refusesUnknown: true,
} as const;
