/** The section [memory] of the configuration. */
export const memoryConfiguration = {
  mem_stats_period_seconds: {
    type: 'integer',
    format: 'Seconds',
    minimum: -2147483648,
    maximum: 2147483647,
    default: 10,
    description: 'How often a guest reports memory statistics; 0 or less turns reports off.',
  },
  own_stats_period: {
    enum: ['when-absent', 'always'],
    default: 'when-absent',
    description:
      'Which VMs get the configured period: those without a period (when-absent), or all, even if another period is set (always).',
  },
  floor_mib: {
    type: 'integer',
    format: 'MiB',
    minimum: 1,
    maximum: 1073741824,
    default: 128,
    description:
      'Least memory that ballooning leaves to a VM without a guarantee, unless floor_percent of its memory is more.',
  },
  floor_percent: {
    type: 'integer',
    format: 'percent',
    minimum: 0,
    maximum: 100,
    default: 10,
    description:
      'Least part of its memory that ballooning leaves to a VM without a guarantee, in percent; twice that without autodeflate.',
  },
  balloon_external: {
    type: 'boolean',
    default: false,
    description: 'Offer VMs of other programs for ballooning even without a guarantee or a target.',
  },
  admission: {
    enum: ['off', 'guaranteed'],
    default: 'off',
    description:
      'Which memory a new VM must find on the host: with guaranteed, VM.create reserves what is guaranteed to the VM, for which other VMs give what they do not use, or fails.',
  },
  admission_deadline: {
    type: 'integer',
    format: 'Seconds',
    minimum: 1,
    maximum: 3600,
    default: 60,
    description: 'How long VM.create waits until that memory is free.',
  },
  host_reserve_percent: {
    type: 'integer',
    format: 'percent',
    minimum: 0,
    maximum: 90,
    default: 5,
    description:
      "Part of the host's memory that is neither reserved nor promised to VMs, beside what the host itself uses, in percent.",
  },
  reservations_path: {
    type: 'string',
    default: '/var/lib/vmemd/reservations.json',
    description:
      'File that keeps the reservations of Host.reserveMemory and VM.create over a restart; not used on the simulated host.',
  },
  autodeflate: {
    type: 'boolean',
    default: true,
    description: 'Deflate the balloon of a guest that runs out of memory.',
  },
  free_page_reporting: {
    type: 'boolean',
    default: true,
    description: 'Let a guest return unused pages to the host.',
  },
} as const;
