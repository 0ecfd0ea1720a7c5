import { object, Status } from '../types.ts';

const switchable = { type: 'integer', minimum: 0, maximum: 2 } as const;
const count = { type: 'integer', minimum: 0, maximum: 4294967295 } as const;

export default {
  description: "Set the kernel's same-page merging; what is not named stays as it is.",
  params: object({
    tuningParams: object(
      {},
      {
        run: switchable,
        merge_across_nodes: switchable,
        sleep_millisecs: count,
        pages_to_scan: count,
      },
    ),
  }),
  result: Status,
  errors: ['KsmError'],
} as const;
