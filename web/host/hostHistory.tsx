import { useState } from 'preact/hooks';
import { useReading } from '../connection/hooks.ts';
import type { Result } from '../connection/methods.ts';
import { Period, PERIODS } from '../parts/period.tsx';
import type { KiB } from '../../src/common/units.ts';
import { exactly, inGib } from '../model/size.ts';
import { Chart } from '../parts/chart.tsx';
import type { Line } from '../parts/line.ts';
import { sentence } from '../parts/warnings.tsx';

const EVERY_MS = 10_000;
const HEIGHT = 220;

/** The host's memory over the last hour, or longer from Prometheus. */
export function HostHistory({ total }: { readonly total: KiB | undefined }) {
  const [seconds, setSeconds] = useState<number>(PERIODS[1].seconds);
  const { result, problem } = useReading('Host.getMemoryHistory', { seconds }, EVERY_MS);
  return (
    <div class="history">
      <Period seconds={seconds} choose={setSeconds} />
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {result && (
        <Chart
          title="Memory"
          start={Date.parse(result.start)}
          step={1000 * result.step_s}
          lines={linesOf(result.series)}
          top={total}
          height={HEIGHT}
          format={(value) => inGib(value as KiB)}
          exact={(value) => exactly(value as KiB)}
        />
      )}
    </div>
  );
}

const linesOf = (series: Result<'Host.getMemoryHistory'>['series']): readonly Line[] => [
  { label: 'Used by guests', color: '--guests', values: series.used_by_guests_kib, form: 'area' },
  { label: 'Available', color: '--available', values: series.available_kib, form: 'line' },
  { label: 'Held by balloons', color: '--held', values: series.balloons_held_kib, form: 'line' },
  { label: 'Guaranteed', color: '--ink', values: series.promised_kib, form: 'dashed' },
];
