import { Register } from './register.ts';

/** What requests change of a VM, beside all that every VM gets; so each can be judged exactly. */
export const FAMILIES = ['guarantee', 'balloon', 'dimm', 'size'] as const;
export type Family = (typeof FAMILIES)[number];

/** Sizes in MiB; the period in seconds, as configured. */
export const MEMORY = 1024;
export const MOST = 4096;
export const GUARANTEED = 256;
const PERIOD = 2;

/** What is known of a VM by the replies of vmemd. */
export class ModelVm {
  readonly id: string;
  readonly family: Family;
  readonly guaranteed = new Register(GUARANTEED);
  readonly period = new Register(PERIOD);
  /** In KiB; anything until a client sets it. */
  readonly target = new Register<number>();
  /** Aliases of devices that are surely plugged, and of those of which one cannot know. */
  readonly plugged = new Set<string>();
  readonly doubtful = new Set<string>();
  /** Changes of its size since the last judgement, of which one that was given up may still be done by the guest. */
  resizes = 0;
  /** Whether the VM exists; undefined while that is not known. */
  exists: boolean | undefined;
  /** Whether a reply said that it is down. */
  isDown = false;

  constructor(id: string, family: Family) {
    this.id = id;
    this.family = family;
  }
}
