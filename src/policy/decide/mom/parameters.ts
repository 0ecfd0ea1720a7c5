/** Constants of MoM's balloon policy; shares are of 1. */
export interface MomParameters {
  /** VDSM's 02-balloon.policy, or doc/balloon.rules of MoM itself. */
  readonly flavour: 'vdsm' | 'mom-doc';
  /** Whether guests may shrink; VDSM's flavour alone has this switch, and grows guests while it is off. */
  readonly enabled: boolean;
  /** Share of free host memory below which guests shrink. */
  readonly pressureThreshold: number;
  /** Share of free host memory up to which guests are pushed into swap. */
  readonly pressureCritical: number;
  readonly criticalOffset: number;
  /** Free share of its memory that an unconstrained guest keeps. */
  readonly guestFree: number;
  /** The largest and the smallest change in one round, as a share of the guest's current memory. */
  readonly maxChange: number;
  readonly minChange: number;
  /** How many samples are averaged. */
  readonly window: number;
}

export const momDefaults: MomParameters = {
  flavour: 'vdsm',
  enabled: true,
  pressureThreshold: 0.2,
  pressureCritical: 0.05,
  criticalOffset: -0.05,
  guestFree: 0.2,
  maxChange: 0.05,
  minChange: 0.0025,
  window: 10,
};

/** The least and the most that each setting can be. */
export const momRanges = {
  pressureThreshold: [0, 1],
  pressureCritical: [0, 1],
  criticalOffset: [-1, 1],
  guestFree: [0, 1],
  maxChange: [0, 1],
  minChange: [0, 1],
  window: [1, 1000],
} as const satisfies Partial<Record<keyof MomParameters, readonly [number, number]>>;
