import type { KiB } from '../../common/units.ts';

/** The options of `vmemctl set`. */
export interface SetFlags {
  readonly memory?: string;
  readonly guaranteed?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly by?: 'devices' | 'balloon';
  readonly yes?: boolean;
}

/** What a person wants of a VM. */
export interface Wish extends SetFlags {
  readonly size: KiB;
  readonly floor?: KiB;
}
