import type { Domain } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import type { DimmOptions } from './dimmsToPlug.ts';
import { providedMemory } from './virtioMem.ts';
import { grow } from './grow.ts';
import type { Obstacle, ResizeChange, ResizePlan, Steps } from './resizePlan.ts';
import { shrink } from './shrink.ts';

/** What a plan depends on besides the domain. */
export interface ResizeOptions extends DimmOptions {
  /** Aliases of devices whose unplug may still complete; a shrink starts with them. */
  readonly awaited?: ReadonlySet<string>;
}

/**
 * Plans the changes to `wish` KiB, as near as the devices allow: never below it, except with a warning where rounding
 * up would exceed the VM's maximum.
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
