import type { Domain } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import type { DimmOptions } from './dimmsToPlug.ts';
import { providedMemory } from './virtioMem.ts';
import { grow } from './grow.ts';
import type { Obstacle, ResizeChange, ResizePlan, Steps } from './resizePlan.ts';
import { shrink } from './shrink.ts';

/** What to know beside the domain. */
export interface ResizeOptions extends DimmOptions {
  /** Aliases of devices that were asked for and may still go: to shrink, they are asked for first. */
  readonly awaited?: ReadonlySet<string>;
}

/**
 * The way to `wish` memory, as near as the devices allow: never below it, except where rounding up would go above the
 * VM's maximum, which is warned of.
 */
export function planResize(
  domain: Domain,
  wish: KiB,
  options: ResizeOptions,
): ResizePlan | Obstacle {
  const before = providedMemory(domain);
  const steps = stepsTo(domain, KiB(wish - before), options);
  if ('obstacle' in steps) return steps;
  const after = steps.changes.reduce((sum, change) => KiB(sum + gain(change)), before);
  return { before, after, ...steps };
}

function stepsTo(domain: Domain, difference: KiB, options: ResizeOptions): Steps | Obstacle {
  if (difference > 0) return grow(domain, difference, options);
  if (difference < 0) return shrink(domain, KiB(0 - difference), options.awaited);
  return { changes: [], warnings: [] };
}

function gain(change: ResizeChange): number {
  if (change.action === 'resize') return change.to - change.from;
  return change.action === 'plug' ? change.size : 0 - change.size;
}
