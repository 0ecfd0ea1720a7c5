import { integer, object, openObject, Status } from '../types.ts';

export default {
  description: "Set the kernel's same-page merging; what is not named stays as it is.",
  params: object({
    // Open, since VDSM has an error of its own for names that are none.
    tuningParams: openObject(
      {},
      {
        run: integer,
        merge_across_nodes: integer,
        sleep_millisecs: integer,
        pages_to_scan: integer,
      },
    ),
  }),
  result: Status,
  errors: ['KsmError'],
} as const;
