import { array, object, text } from '../types.ts';

const pattern = { ...text, minLength: 1, maxLength: 200 } as const;

export default {
  description:
    'Send this connection every event that fits one of the patterns, as notifications: |virt|VM_status|<vmId>, |virt|VM_memory|<vmId>; * stands for anything, and no pattern for all events.',
  params: object({}, { events: { ...array(pattern), maxItems: 100 } }),
  result: array(text),
  errors: ['NotEnoughResources'],
} as const;
