import type { Point } from './run.ts';

const WIDTH = 720;
const PANEL = 150;
const LEFT = 46;
const TOP = 28;
const GOAL = 0.2;

/** Returns an SVG with a panel for each policy: what each balloon leaves, and what the host has available. */
export function plot(title: string, runs: Readonly<Record<string, readonly Point[]>>): string {
  const names = Object.keys(runs);
  const height = TOP + names.length * (PANEL + 26) + 20;
  const panels = names.map((name, index) =>
    panel(name, runs[name] ?? [], TOP + index * (PANEL + 26)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${String(LEFT)}" y="16" font-size="13">${escaped(title)}: share of the host's memory over minutes</text>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function panel(name: string, points: readonly Point[], top: number): string {
  const end = points.at(-1)?.time ?? 1;
  const guests = points.at(-1)?.current.length ?? 0;
  const most = Math.max(
    0.5,
    ...points.flatMap(({ available, current }) => [available, ...current]),
  );
  const least = Math.min(0, ...points.map(({ available }) => available));
  const x = (time: number): number => LEFT + (time / end) * (WIDTH - LEFT - 10);
  const y = (share: number): number => top + PANEL - ((share - least) / (most - least)) * PANEL;
  const line = (values: readonly (number | undefined)[], style: string): string => {
    const path = values.flatMap((value, index) =>
      value === undefined ?
        []
      : [`${x(points[index]?.time ?? 0).toFixed(0)},${y(value).toFixed(1)}`],
    );
    return `<polyline fill="none" ${style} points="${path.join(' ')}"/>`;
  };
  const axis = 'stroke="#bbb" stroke-width="1"';
  const level = (share: number, style = axis): string =>
    `<line x1="${String(LEFT)}" x2="${String(WIDTH - 10)}" y1="${y(share).toFixed(1)}" y2="${y(share).toFixed(1)}" ${style}/>`;
  return [
    `<text x="${String(LEFT)}" y="${String(top - 3)}">${name}</text>`,
    level(0),
    level(GOAL, 'stroke="#d33" stroke-dasharray="4 3"'),
    `<text x="4" y="${(y(GOAL) + 4).toFixed(1)}" fill="#d33">20 %</text>`,
    `<text x="4" y="${(y(0) + 4).toFixed(1)}">0 %</text>`,
    `<text x="${String(WIDTH - 44)}" y="${String(top + PANEL + 13)}">${(end / 60).toFixed(0)} min</text>`,
    ...Array.from({ length: guests }, (_, index) =>
      line(
        points.map(({ current }) => current[index]),
        'stroke="#59c" stroke-width="0.8" opacity="0.7"',
      ),
    ),
    line(
      points.map(({ available }) => available),
      'stroke="#222" stroke-width="1.8"',
    ),
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
