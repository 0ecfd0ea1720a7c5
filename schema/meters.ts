import { object } from './types.ts';

const MiBs = { type: 'number', minimum: 0 } as const;

/** Ceilometer's memory meters of one VM in MiB; unknown meters are absent. */
export const Meters = object(
  {},
  {
    memory: MiBs,
    'memory.available': MiBs,
    'memory.usage': MiBs,
    'memory.resident': MiBs,
    'memory.swap.in': MiBs,
    'memory.swap.out': MiBs,
  },
);
