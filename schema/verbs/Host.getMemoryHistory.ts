import { HistoryRange, HostHistory } from '../memoryHistory.ts';
import { object } from '../types.ts';

export default {
  description:
    "Return how the host's memory was used: columns of values in equal steps, null where nothing is known. vmemd keeps the last hour; more seconds are read from Prometheus if [dashboard] prometheus_url is set.",
  params: object({}, HistoryRange),
  result: HostHistory,
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: ['InvalidParameter', 'UnexpectedError'],
  refusesUnknown: true,
} as const;
