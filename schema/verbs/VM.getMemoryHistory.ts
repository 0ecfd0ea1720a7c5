import { HistoryRange, VmHistory } from '../memoryHistory.ts';
import { object, UUID } from '../types.ts';

export default {
  description:
    "Return how a VM's memory was used: columns of values in equal steps, null where nothing is known; sizes as in Host.getOverview. vmemd keeps the last hour; more seconds are read from Prometheus if [dashboard] prometheus_url is set.",
  params: object({ vmID: UUID }, HistoryRange),
  result: VmHistory,
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM', 'InvalidParameter', 'UnexpectedError'],
  refusesUnknown: true,
} as const;
