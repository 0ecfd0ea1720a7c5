import { useState } from 'preact/hooks';
import { useReading } from '../connection/hooks.ts';
import type { Result } from '../connection/methods.ts';
import { exactly, inGib } from '../model/size.ts';
import { Chart } from '../parts/chart.tsx';
import type { Line } from '../parts/line.ts';
import { Panel } from '../parts/panel.tsx';
import { Period, PERIODS } from '../parts/period.tsx';
import { sentence } from '../parts/warnings.tsx';
import type { KiB } from '../../src/common/units.ts';

const EVERY_MS = 5000;
const HEIGHT = 180;

/** The memory of one VM over time. */
export function VmHistory({ id }: { readonly id: string }) {
  const [seconds, setSeconds] = useState<number>(PERIODS[1].seconds);
  const { result, problem } = useReading('VM.getMemoryHistory', { vmID: id, seconds }, EVERY_MS);
  return (
    <Panel title="History" kind="history">
      <Period seconds={seconds} choose={setSeconds} />
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {result && (
        <Chart
          title="Memory"
          start={Date.parse(result.start)}
          step={1000 * result.step_s}
          lines={linesOf(result.series)}
          height={HEIGHT}
          format={(value) => inGib(value as KiB)}
          exact={(value) => exactly(value as KiB)}
        />
      )}
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
