import type { KiB } from '../../common/units.ts';

/** What a client wants of same-page merging, by MoM's names: ksmEnabled and ksmMergeAcrossNodes. */
export interface KsmParameters {
  readonly enabled: boolean;
  readonly mergeAcrossNodes: boolean;
}

/** The host and its same-page merging; unknown figures are absent. */
export interface KsmFigures {
  readonly total: KiB;
  /** MemFree, buffers and cached together: the mean of the last rounds. */
  readonly meanFree: KiB;
  /** What could be merged. */
  readonly shareable: KiB;
  readonly pagesShared: number;
  /** Absent if the kernel adjusts it by itself. */
  readonly pagesToScan?: number;
  /** Absent on a kernel without NUMA. */
  readonly mergeAcrossNodes?: number;
}

/** Settings by the kernel's names, in the order in which it takes them. */
export interface KsmSettings {
  readonly merge_across_nodes?: number;
  readonly run: number;
  readonly sleep_millisecs?: number;
  readonly pages_to_scan?: number;
}

/** MoM's constants, from VDSM's 03-ksm.policy. */
const ENOUGH_FREE = 0.2;
const BOOST = 300;
const DECAY = -50;
const FEWEST = 64;
const MOST = 1250;
/** Milliseconds between scans on a host of 16 GiB; less on a larger one. */
const SLEEP = 10;
const SLEEP_TOTAL = 16 * 1024 ** 2;

const STOP = 0;
const MERGE = 1;
const UNMERGE = 2;

/**
 * Decides how the kernel is to merge pages, as MoM does: while memory is short, or guests could need more than there is.
 * Pages are unmerged first where merging is to end, or is to treat NUMA nodes otherwise, which the kernel allows only
 * while nothing is shared.
 */
export function decideKsm(figures: KsmFigures, parameters: KsmParameters): KsmSettings {
  const { total, meanFree, shareable, pagesShared, pagesToScan } = figures;
  const { enabled } = parameters;
  const nodes = Number(parameters.mergeAcrossNodes);
  const differs = (figures.mergeAcrossNodes ?? nodes) !== nodes;
  const across =
    pagesShared > 0 || figures.mergeAcrossNodes === undefined ? {} : { merge_across_nodes: nodes };
  if (pagesShared > 0 && (differs || !enabled)) return { run: UNMERGE };
  const enough = total * ENOUGH_FREE;
  const isIdle = enough + shareable < total && meanFree > enough;
  if (isIdle || !enabled) return { ...across, run: STOP };
  return {
    ...across,
    run: MERGE,
    sleep_millisecs: Math.floor(Math.max(SLEEP, (SLEEP * SLEEP_TOTAL) / total)),
    ...(pagesToScan !== undefined && { pages_to_scan: paced(pagesToScan, meanFree < enough) }),
  };
}

const paced = (pages: number, isShort: boolean): number =>
  Math.max(FEWEST, Math.min(MOST, pages + (isShort ? BOOST : DECAY)));
