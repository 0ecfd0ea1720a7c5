import { boolean, done, integer, object, text, UUID } from '../types.ts';

export default {
  description:
    'Ask the guest to power off (or, with reboot, to restart) over ACPI; with force it is destroyed after timeout seconds (120) if it has not obeyed.',
  params: object(
    { vmID: UUID },
    {
      delay: { anyOf: [integer, { type: 'null' }] },
      message: { anyOf: [text, { type: 'null' }] },
      reboot: boolean,
      timeout: { anyOf: [{ type: 'integer', minimum: 0, maximum: 86_400 }, { type: 'null' }] },
      force: boolean,
    },
  ),
  result: done,
  errors: ['NoSuchVM', 'VMIsDown', 'UnexpectedError'],
} as const;
