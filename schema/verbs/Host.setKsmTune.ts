import { integer, object, openObject, Status } from '../types.ts';

export default {
  description:
    "Set the kernel's same-page merging; settings that are not given stay unchanged. vmemd's own tuning (ksmEnabled) pauses for [policy] pin_time.",
  params: object({
    // Open, because VDSM has its own error for unknown names.
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
  since: '0.1.0',
  stability: 'stable',
  access: 'admin',
  changes: ['ksm'],
  errors: ['KsmError'],
} as const;
