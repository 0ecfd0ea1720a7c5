import { useState } from 'preact/hooks';
import { useReading } from '../connection/hooks.ts';
import type { Result } from '../connection/methods.ts';
import type { Line } from '../parts/line.ts';
import { Panel } from '../parts/panel.tsx';
import { HistoryChart } from '../parts/historyChart.tsx';
import { PERIODS } from '../parts/period.tsx';

const EVERY_MS = 5000;
const HEIGHT = 180;

/** The memory of one VM over time. */
export function VmHistory({ id }: { readonly id: string }) {
  const [seconds, setSeconds] = useState<number>(PERIODS[1].seconds);
  const reading = useReading('VM.getMemoryHistory', { vmID: id, seconds }, EVERY_MS);
  return (
    <Panel title="History" kind="history">
      <HistoryChart
        {...reading}
        seconds={seconds}
        choose={setSeconds}
        linesOf={linesOf}
        height={HEIGHT}
      />
    </Panel>
  );
}

const linesOf = (series: Result<'VM.getMemoryHistory'>['series']): readonly Line[] => [
  { label: 'Used', color: '--guests', values: series.used_kib, form: 'area' },
  { label: 'Current', color: '--current-line', values: series.current_kib, form: 'line' },
  { label: 'Target', color: '--held', values: series.target_kib, form: 'dashed' },
  { label: 'Guaranteed', color: '--ink', values: series.guaranteed_kib, form: 'dashed' },
  { label: 'Maximum', color: '--muted', values: series.maximum_kib, form: 'line' },
];
