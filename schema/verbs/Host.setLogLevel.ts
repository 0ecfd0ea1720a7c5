import { done, object, text } from '../types.ts';

const upper = ['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRIT', 'CRITICAL'] as const;
const lower = ['debug', 'info', 'warn', 'warning', 'error', 'crit', 'critical'] as const;

export default {
  description: 'Set the log level until vmemd restarts.',
  params: object(
    {
      level: { enum: [...upper, ...lower] },
    },
    { name: text },
  ),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'admin',
  changes: ['log_level'],
  errors: [],
} as const;
