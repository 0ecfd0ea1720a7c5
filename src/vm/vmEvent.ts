import type { KiB } from '../common/units.ts';
import type { Freshness } from '../memory/freshness.ts';
import type { Operation } from '../memory/operation.ts';
import type { MemoryChange } from '../memory/wireState.ts';
import type { VmStatus } from './status.ts';

/** An event that a VM emits; sizes in KiB. */
export type VmEvent =
  | { readonly kind: 'status'; readonly status: VmStatus }
  | { readonly kind: 'freshness'; readonly freshness: Freshness }
  | { readonly kind: 'balloon-change'; readonly current: KiB }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly alias: string;
      readonly size?: KiB;
    }
  | { readonly kind: 'memory-device-size-change'; readonly alias: string; readonly size: KiB }
  | { readonly kind: 'memory-job'; readonly operation: Operation; readonly change: MemoryChange };
