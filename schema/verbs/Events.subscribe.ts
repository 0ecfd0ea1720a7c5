import { array, object, text } from '../types.ts';

const pattern = { ...text, minLength: 1, maxLength: 200 } as const;

export default {
  description:
    'Send this connection the events that match a pattern, as notifications: |virt|VM_status|<vmId>, |virt|VM_memory|<vmId>; * matches anything; without patterns all events are sent.',
  params: object({}, { events: { ...array(pattern), maxItems: 100 } }),
  result: array(text),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NotEnoughResources'],
} as const;
