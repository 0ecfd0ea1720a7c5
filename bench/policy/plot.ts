import type { Point } from './run.ts';

const WIDTH = 720;
const PANEL = 150;
/** Between two panels, for the name of the lower one. */
const GAP = 34;
const LEFT = 46;
const RIGHT = 10;
const TOP = 64;
const GOAL = 0.2;

/** Colours for a light and a dark page; the lines differ in lightness too. */
const STYLE = `
  svg { --paper: #ffffff; --ink: #1c1c1c; --faint: #c4c4c4; --guest: #2f7fd0; --goal: #c2410c }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #f0f0f0; --faint: #4a4f57; --guest: #5aa5f0; --goal: #ff9a5a }
  }
  .paper { fill: var(--paper) } text { fill: var(--ink) } polyline { fill: none }
  .axis { stroke: var(--faint) } .goal { stroke: var(--goal); stroke-dasharray: 5 4 }
  .guest { stroke: var(--guest); stroke-width: 1.2; opacity: 0.85 }
  .host { stroke: var(--ink); stroke-width: 2.2 } .of-goal { fill: var(--goal) }
`;

/**
 * Returns an SVG with a panel for each policy: what each balloon leaves, and what the host has available. It is legible
 * on light and dark pages.
 */
export function plot(title: string, runs: Readonly<Record<string, readonly Point[]>>): string {
  const names = Object.keys(runs);
  const height = TOP + names.length * (PANEL + GAP);
  const scale = scaleOf(Object.values(runs).flat());
  const panels = names.map((name, index) =>
    panel(name, runs[name] ?? [], { top: TOP + index * (PANEL + GAP), scale }),
  );
  const label = escaped(`${title}: share of the host's memory over time`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" font-family="sans-serif" font-size="12" role="img" aria-label="${label}">`,
    `<style>${STYLE}</style>`,
    '<rect class="paper" width="100%" height="100%"/>',
    `<text x="${String(LEFT)}" y="18" font-size="14">${label}</text>`,
    ...legend(36),
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

const KINDS = [
  [0, 'host', 'what the host has available'],
  [210, 'guest', 'what each balloon leaves to its guest'],
  [480, 'goal', 'the goal'],
] as const;

const legend = (y: number): string[] =>
  KINDS.map(([offset, kind, text]) => {
    const x = LEFT + offset;
    const line = `<line class="${kind}" x1="${String(x)}" x2="${String(x + 22)}" y1="${String(y - 4)}" y2="${String(y - 4)}"/>`;
    return `${line}<text x="${String(x + 28)}" y="${String(y)}">${text}</text>`;
  });

interface Scale {
  readonly least: number;
  readonly most: number;
}

/** Returns one scale for all panels, so that they can be compared. */
const scaleOf = (points: readonly Point[]): Scale => ({
  least: Math.min(0, ...points.map(({ available }) => available)),
  most: Math.max(0.5, ...points.flatMap(({ available, current }) => [available, ...current])),
});

interface Place {
  readonly top: number;
  readonly scale: Scale;
}

function panel(name: string, points: readonly Point[], { top, scale }: Place): string {
  const { least, most } = scale;
  const end = points.at(-1)?.time ?? 1;
  const guests = points.at(-1)?.current.length ?? 0;
  const x = (time: number): number => LEFT + (time / end) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => top + PANEL - ((share - least) / (most - least)) * PANEL;
  const line = (values: readonly (number | undefined)[], kind: string): string => {
    const path = values.flatMap((value, index) =>
      value === undefined ?
        []
      : [`${x(points[index]?.time ?? 0).toFixed(0)},${y(value).toFixed(1)}`],
    );
    return `<polyline class="${kind}" points="${path.join(' ')}"/>`;
  };
  const level = (share: number, kind: string): string =>
    `<line class="${kind}" x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${y(share).toFixed(1)}" y2="${y(share).toFixed(1)}"/>`;
  return [
    `<text x="${String(LEFT)}" y="${String(top - 6)}" font-weight="bold">${name}</text>`,
    level(0, 'axis'),
    `<text class="of-goal" x="6" y="${(y(GOAL) + 4).toFixed(1)}">20 %</text>`,
    `<text x="14" y="${(y(0) + 4).toFixed(1)}">0 %</text>`,
    `<text x="${String(WIDTH - RIGHT)}" y="${String(top + PANEL + 14)}" text-anchor="end">${(end / 60).toFixed(0)} min</text>`,
    ...Array.from({ length: guests }, (_, index) =>
      line(
        points.map(({ current }) => current[index]),
        'guest',
      ),
    ),
    level(GOAL, 'goal'),
    line(
      points.map(({ available }) => available),
      'host',
    ),
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
