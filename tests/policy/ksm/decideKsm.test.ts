import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import {
  decideKsm,
  type KsmFigures,
  type KsmParameters,
} from '../../../src/policy/ksm/decideKsm.ts';

interface State {
  readonly id: number;
  readonly total: number;
  readonly free: readonly number[];
  readonly run: number;
  readonly pagesShared: number;
  readonly pagesToScan: number;
  readonly sleep: number;
  readonly mergeAcrossNodes: number;
  readonly shareable: number;
  readonly parameters: KsmParameters;
  readonly decision: Readonly<Record<string, number>>;
}

const file = join(import.meta.dirname, '../../../fixtures/policy/mom-ksm-decisions.json');
const { states } = JSON.parse(readFileSync(file, 'utf8')) as { states: State[] };

/** What the decision changes, as MoM reports it. */
function changes(state: State): Readonly<Record<string, number>> {
  const { total, free, shareable, pagesShared, pagesToScan, mergeAcrossNodes, parameters } = state;
  const meanFree = KiB(free.reduce((sum, each) => sum + each, 0) / free.length);
  const figures = {
    total: KiB(total),
    meanFree,
    shareable: KiB(shareable),
    pagesShared,
    pagesToScan,
    mergeAcrossNodes,
  };
  const present: Record<string, number> = {
    run: state.run,
    pages_to_scan: pagesToScan,
    sleep_millisecs: state.sleep,
    merge_across_nodes: mergeAcrossNodes,
  };
  const decided = Object.entries(decideKsm(figures, parameters)) as [string, number][];
  return Object.fromEntries(decided.filter(([name, value]) => value !== present[name]));
}

test("decides as MoM's engine in every one of its recorded states", () => {
  expect(states).not.toHaveLength(0);
  const ours = states.map((state) => ({ id: state.id, decision: changes(state) }));
  expect(ours).toEqual(states.map(({ id, decision }) => ({ id, decision })));
});

const GIB = 1024 ** 2;
const idle: KsmFigures = {
  total: KiB(16 * GIB),
  meanFree: KiB(8 * GIB),
  shareable: KiB(4 * GIB),
  pagesShared: 0,
  pagesToScan: 100,
  mergeAcrossNodes: 1,
};
const on = { enabled: true, mergeAcrossNodes: true };
const decided = (figures: Partial<KsmFigures>, parameters: Partial<KsmParameters> = {}) =>
  decideKsm({ ...idle, ...figures }, { ...on, ...parameters });

test.each([
  ['rests while there is enough', {}, { run: 0 }],
  ['merges while memory is short', { meanFree: KiB(GIB) }, { run: 1, pages_to_scan: 400 }],
  [
    'merges while guests could need more than there is',
    { shareable: KiB(13 * GIB) },
    { run: 1, pages_to_scan: 64 },
  ],
  [
    'scans less often on a smaller host',
    { total: KiB(4 * GIB), meanFree: KiB(0) },
    { sleep_millisecs: 40 },
  ],
  [
    'scans at least every 10 ms',
    { total: KiB(64 * GIB), meanFree: KiB(0) },
    { sleep_millisecs: 10 },
  ],
  ['scans 1250 pages at most', { meanFree: KiB(0), pagesToScan: 1200 }, { pages_to_scan: 1250 }],
])('%s', (_, figures, settings) => {
  expect(decided(figures)).toMatchObject(settings);
});

test('what was merged stays merged while it rests', () => {
  expect(decided({ pagesShared: 5 })).toEqual({ run: 0 });
});

test('unmerges before it ends', () => {
  expect(decided({ pagesShared: 5 }, { enabled: false })).toEqual({ run: 2 });
  expect(decided({}, { enabled: false })).toMatchObject({ run: 0 });
});

test('unmerges before nodes are treated otherwise', () => {
  const short = { meanFree: KiB(GIB) };
  const apart = { mergeAcrossNodes: false };
  expect(decided({ ...short, pagesShared: 5 }, apart)).toEqual({ run: 2 });
  expect(decided(short, apart)).toMatchObject({ run: 1, merge_across_nodes: 0 });
});

test('leaves alone what the kernel does not have, or adjusts by itself', () => {
  const { total, shareable, pagesShared } = idle;
  const settings = decideKsm({ total, shareable, pagesShared, meanFree: KiB(0) }, on);
  expect(settings).toEqual({ run: 1, sleep_millisecs: 10 });
});
