import { done, object, text } from '../types.ts';

export default {
  description: 'Change how much vmemd logs, until it restarts.',
  params: object(
    {
      level: {
        enum: ['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRIT', 'CRITICAL'],
      },
    },
    { name: text },
  ),
  result: done,
  errors: [],
} as const;
