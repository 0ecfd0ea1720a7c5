import type { KiB } from '../../src/common/units.ts';
import { exactly, inGib } from '../model/size.ts';
import { Chart } from './chart.tsx';
import type { Line } from './line.ts';
import { Period } from './period.tsx';
import { sentence } from './warnings.tsx';

interface HistoryChartProps<S> {
  /** What was last read; undefined before. */
  readonly result?: { readonly start: string; readonly step_s: number; readonly series: S };
  /** Why there is nothing newer. */
  readonly problem?: string;
  readonly seconds: number;
  readonly choose: (seconds: number) => void;
  readonly linesOf: (series: S) => readonly Line[];
  /** In pixels. */
  readonly height: number;
  /** The least value that the axis reaches. */
  readonly top?: KiB | undefined;
}

/** A history of memory as a chart, with a choice of its period. */
export function HistoryChart<S>(props: HistoryChartProps<S>) {
  const { result, problem, seconds, choose, linesOf, height, top } = props;
  return (
    <>
      <Period seconds={seconds} choose={choose} />
      {problem !== undefined && <p class="note">{sentence(problem)}</p>}
      {result && (
        <Chart
          title="Memory"
          start={Date.parse(result.start)}
          step={1000 * result.step_s}
          lines={linesOf(result.series)}
          top={top}
          height={height}
          format={(value) => inGib(value as KiB)}
          exact={(value) => exactly(value as KiB)}
        />
      )}
    </>
  );
}
