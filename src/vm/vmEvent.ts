import type { KiB } from '../common/units.ts';
import type { Freshness } from '../memory/freshness.ts';
import type { Operation } from '../memory/operation.ts';
import type { MemoryChange } from '../memory/wireState.ts';
import type { VmStatus } from './status.ts';

/** An event that a VM emits; sizes in KiB. */
export type VmEvent =
  | { readonly kind: 'status'; readonly status: VmStatus }
  | { readonly kind: 'freshness'; readonly freshness: Freshness }
  | {
      /** The guest is ballooned, and has stopped to report its memory; or that has ended. */
      readonly kind: 'balloon-silent';
      readonly isSilent: boolean;
      readonly freshness: Freshness;
      readonly current: KiB | undefined;
    }
  | { readonly kind: 'balloon-change'; readonly current: KiB }
  | {
      readonly kind: 'balloon-moved-outside';
      readonly current: KiB;
      readonly floor: KiB;
      readonly isBelowFloor: boolean;
    }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly alias: string;
      readonly size?: KiB;
    }
  | { readonly kind: 'memory-device-size-change'; readonly alias: string; readonly size: KiB }
  | { readonly kind: 'memory-job'; readonly operation: Operation; readonly change: MemoryChange };
