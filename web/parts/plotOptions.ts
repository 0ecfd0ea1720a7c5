import type uPlot from 'uplot';
import type { Line } from './line.ts';

const FONT = '12px system-ui, sans-serif';
const MARGIN = 58;
/** The axis of a chart without values ends here, in KiB. */
const GIB = 1024 ** 2;

interface Wanted {
  readonly lines: readonly Line[];
  readonly height: number;
  readonly format: (value: number) => string;
  readonly top: () => number | undefined;
  readonly choose: (index: number | null) => void;
}

const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const DAY_S = 86_400;

/** Returns uPlot's options for a chart with few lines and no legend of its own. */
export function plotOptions({ lines, height, format, top, choose }: Wanted): uPlot.Options {
  return {
    width: 100,
    height,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, most) => [0, Math.max(top() ?? 0, most || 0) * 1.02 || GIB] } },
    axes: [
      { ...axis(), size: 24, space: 72, values: (_, times) => timeTexts(times) },
      {
        ...axis(),
        size: MARGIN,
        space: 36,
        values: (_, values) => values.map((value) => format(value)),
        incrs: binarySteps,
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      setCursor: [
        ({ cursor: { idx, left } }) => {
          choose(left === undefined || left < 0 ? null : (idx ?? null));
        },
      ],
    },
  };
}

/** Steps between lines of the grid that are round in KiB as in GiB. */
const binarySteps = Array.from({ length: 40 }, (_, i) => 2 ** (i - 4));

const axis = () => ({
  stroke: () => colorOf('--muted'),
  font: FONT,
  grid: { stroke: () => colorOf('--grid'), width: 1 },
  ticks: { show: false },
});

const seriesOf = ({ color, form, label }: Line): uPlot.Series => ({
  label,
  stroke: () => colorOf(color),
  width: form === 'dashed' ? 1.5 : 2,
  points: { show: false },
  ...(form === 'dashed' ? { dash: [5, 4] } : {}),
  ...(form === 'area' ? { fill: () => `${colorOf(color)}26` } : {}),
});

const colorOf = (property: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(property).trim();

function timeTexts(times: readonly number[]): string[] {
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) > DAY_S;
  return times.map((time) => (isLong ? days : hours).format(time * 1000));
}
