import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clockTime } from '../model/age.ts';
import { plotOptions } from './plotOptions.ts';
import { summary } from './chartSummary.ts';
import type { Line } from './line.ts';
import { useDark } from './useDark.ts';

export interface ChartProps {
  readonly title: string;
  /** When the first values are from, in ms. */
  readonly start: number;
  /** Milliseconds between two values. */
  readonly step: number;
  readonly lines: readonly Line[];
  /** The greatest value of the axis; that of the lines by default. */
  readonly top?: number | undefined;
  readonly height: number;
  readonly format: (value: number) => string;
  /** The exact value, for the line below the chart. */
  readonly exact: (value: number) => string;
}

/** A chart over time. The mouse, a finger or the arrow keys choose the moment whose values stand above it. */
export function Chart(props: ChartProps) {
  const { title, lines, start, step, format, exact } = props;
  const place = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const plot = usePlot(props, place, setChosen);
  const last = lastKnown(lines);
  const at = Math.min(chosen ?? last, last);

  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (by === undefined || !plot.current) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, at + by));
    const left = plot.current.valToPos(plot.current.data[0][next] ?? 0, 'x');
    plot.current.setCursor({ left, top: 0 });
  };

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-time">{chosen === null ? 'now' : clockTime(start + at * step)}</span>
        {lines.map(({ label, color, values, form }) => (
          <span class="chart-value" key={label} data-tip={valueTip(label, values[at], exact)}>
            <Key color={color} form={form} />
            {label} <b>{valueText(values[at], format)}</b>
          </span>
        ))}
      </figcaption>
      <div
        class="plot"
        ref={place}
        role="img"
        tabIndex={0}
        aria-label={summary(title, lines, format)}
        onKeyDown={move}
      />
    </figure>
  );
}

/** Returns the index of the newest values: the newest step may not be over yet. */
const lastKnown = (lines: readonly Line[]): number =>
  Math.max(0, ...lines.map(({ values }) => values.findLastIndex((value) => value !== null)));

const valueText = (value: number | null | undefined, format: (value: number) => string): string =>
  typeof value === 'number' ? format(value) : 'not known';

const valueTip = (
  label: string,
  value: number | null | undefined,
  exact: (value: number) => string,
): string => `${label}\t${valueText(value, exact)}`;

/** The sign of a line in the legend. */
function Key({ color, form }: Pick<Line, 'color' | 'form'>) {
  return <i class={`chart-key ${form}`} style={{ color: `var(${color})` }} aria-hidden="true" />;
}

function usePlot(
  { lines, start, step, top, height, format }: ChartProps,
  place: { readonly current: HTMLDivElement | null },
  choose: (index: number | null) => void,
): { readonly current: uPlot | undefined } {
  const plot = useRef<uPlot | undefined>(undefined);
  const dark = useDark();
  const shape = lines.map(({ label, form }) => label + form).join();
  const data = dataOf(lines, start, step);
  const limit = useRef(top);
  limit.current = top;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = plotOptions({ lines, height, format, top: () => limit.current, choose });
    const made = new uPlot({ ...options, width: element.clientWidth }, data, element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [dark, shape, height]);

  useEffect(() => plot.current?.setData(data), [lines, start, step, top]);
  return plot;
}

function dataOf(lines: readonly Line[], start: number, step: number): uPlot.AlignedData {
  const count = lines[0]?.values.length ?? 0;
  const times = Array.from({ length: count }, (_, i) => (start + i * step) / 1000);
  return [times, ...lines.map(({ values }) => [...values])];
}
