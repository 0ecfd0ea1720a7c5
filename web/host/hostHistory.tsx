import { useState } from 'preact/hooks';
import { useReading } from '../connection/hooks.ts';
import type { Result } from '../connection/methods.ts';
import { HistoryChart } from '../parts/historyChart.tsx';
import { PERIODS } from '../parts/period.tsx';
import type { KiB } from '../../src/common/units.ts';
import type { Line } from '../parts/line.ts';

const EVERY_MS = 10_000;
const HEIGHT = 220;

/** The host's memory over the last hour, or longer from Prometheus. */
export function HostHistory({ total }: { readonly total: KiB | undefined }) {
  const [seconds, setSeconds] = useState<number>(PERIODS[1].seconds);
  const reading = useReading('Host.getMemoryHistory', { seconds }, EVERY_MS);
  return (
    <div class="history">
      <HistoryChart
        {...reading}
        seconds={seconds}
        choose={setSeconds}
        linesOf={linesOf}
        height={HEIGHT}
        top={total}
      />
    </div>
  );
}

const linesOf = (series: Result<'Host.getMemoryHistory'>['series']): readonly Line[] => [
  { label: 'Used by guests', color: '--guests', values: series.used_by_guests_kib, form: 'area' },
  { label: 'Available', color: '--available', values: series.available_kib, form: 'line' },
  { label: 'Held by balloons', color: '--held', values: series.balloons_held_kib, form: 'line' },
  { label: 'Guaranteed', color: '--ink', values: series.promised_kib, form: 'dashed' },
];
