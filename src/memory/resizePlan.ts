import type { KiB } from '../common/units.ts';

/** One step on the way to another amount of memory. */
export type ResizeChange =
  | { readonly action: 'plug'; readonly size: KiB; readonly node: number }
  | { readonly action: 'unplug'; readonly alias: string; readonly size: KiB }
  /** How much of a virtio-mem device the guest is asked to use. */
  | { readonly action: 'resize'; readonly alias: string; readonly from: KiB; readonly to: KiB };

/** What is to be done, in order, and what people should know about it. */
export interface Steps {
  readonly changes: readonly ResizeChange[];
  readonly warnings: readonly string[];
}

/** How a VM gets from one amount of memory to another. */
export interface ResizePlan extends Steps {
  readonly before: KiB;
  /** The memory if the guest goes along. */
  readonly after: KiB;
}

/** Why there is no plan, and what to ask for instead: a sentence for people. */
export interface Obstacle {
  readonly obstacle: string;
}
