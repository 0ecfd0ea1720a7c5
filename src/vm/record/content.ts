import type { GuestTotal } from '../../memory/online.ts';
import type { Operation } from '../../memory/operation.ts';
import type { RunTimes } from './runTimes.ts';

/** What is kept of a VM's run and of its memory operations. */
export interface Content extends RunTimes {
  /** Boots of the guest in this run of the domain, counted from 0. */
  readonly boot: number;
  /** Oldest first. */
  readonly operations: readonly Operation[];
  /** What the guest counted before the devices came that it is not seen to use. */
  readonly baseline?: GuestTotal | undefined;
}

/** The content with its place in the order of writes. */
export interface Stored extends Content {
  /** Grows with each write. */
  readonly revision: number;
  /** The process that wrote it. */
  readonly writer: string;
}
