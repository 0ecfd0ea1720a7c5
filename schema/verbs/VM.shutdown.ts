import { boolean, done, integer, object, text, UUID } from '../types.ts';

export default {
  description:
    'Request the guest over ACPI to power off, or with reboot to restart; with force it is destroyed after timeout seconds (120) if it is still running.',
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
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status', 'guest'],
  errors: ['NoSuchVM', 'UnexpectedError'],
} as const;
