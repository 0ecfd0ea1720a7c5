import type { KiB } from '../common/units.ts';

/** One change of a memory device. */
export type ResizeChange =
  | { readonly action: 'plug'; readonly size: KiB; readonly node: number }
  | { readonly action: 'unplug'; readonly alias: string; readonly size: KiB }
  /** Changes the requested size of a virtio-mem device, in KiB. */
  | { readonly action: 'resize'; readonly alias: string; readonly from: KiB; readonly to: KiB };

/** The changes in order, and warnings for the client. */
export interface Steps {
  readonly changes: readonly ResizeChange[];
  readonly warnings: readonly string[];
}

/** A plan from one amount of memory to another, in KiB. */
export interface ResizePlan extends Steps {
  readonly before: KiB;
  /** The memory if the guest completes every change. */
  readonly after: KiB;
}

/** Why there is no plan, and what to ask for instead, as a sentence for the client. */
export interface Obstacle {
  readonly obstacle: string;
}
