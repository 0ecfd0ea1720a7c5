/** virConnectFlags. */
export const connectFlag = { readOnly: 1 } as const;

/** virDomainModificationImpact. */
export const affect = { current: 0, live: 1, config: 2 } as const;

/** virDomainMemoryModFlags beyond {@link affect}. */
export const memoryFlag = { maximum: 4 } as const;

/** virDomainCreateFlags. */
export const createFlag = { paused: 1 } as const;

/** virDomainDestroyFlagsValues. */
export const destroyFlag = { graceful: 1 } as const;

/** virDomainUndefineFlagsValues. */
export const undefineFlag = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  checkpointsMetadata: 16,
} as const;

/** virDomainXMLFlags. */
export const xmlFlag = { secure: 1, inactive: 2 } as const;

/** virDomainMetadataType. */
export const metadataType = { description: 0, title: 1, element: 2 } as const;

/** virConnectListAllDomainsFlags. */
export const listFlag = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
} as const;

/** virDomainStatsTypes. */
export const statsGroup = { state: 1, cpuTotal: 2, balloon: 4, vcpu: 8, memory: 256 } as const;

/** virConnectGetAllDomainStatsFlags: `noWait` passes over what needs a domain's job if another call has that. */
export const statsFlag = { noWait: 2 ** 29 } as const;

/** virDomainControlState: `occupied` while a call waits for the domain's monitor. */
export const controlState = { ok: 0, job: 1, occupied: 2, error: 3 } as const;

/** virDomainState. */
export const domainState = {
  noState: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutoff: 5,
  crashed: 6,
  pmSuspended: 7,
} as const;

/** virDomainMemoryStatTags. */
export const memoryTag = {
  swapIn: 0,
  swapOut: 1,
  majorFault: 2,
  minorFault: 3,
  unused: 4,
  available: 5,
  actualBalloon: 6,
  rss: 7,
  usable: 8,
  lastUpdate: 9,
  diskCaches: 10,
} as const;
