/** The section [policy] of the configuration. */
export const policyConfiguration = {
  mode: {
    enum: ['off', 'observe', 'act'],
    default: 'off',
    description:
      'Whether vmemd shares out the memory of the host: observe decides and reports, and changes no VM; Host.setPolicy changes it at run time.',
    change: 'restart, or Host.setPolicy',
  },
  algorithm: {
    enum: ['adaptive', 'mom'],
    default: 'adaptive',
    description: "How targets are decided: vmemd's own way, or as oVirt's MoM; see docs/policy.md.",
    change: 'restart, or Host.setPolicy',
  },
  parameters: {
    type: 'array',
    items: { type: 'string', format: 'setting' },
    default: [],
    description:
      'Settings of the algorithm that differ from its defaults, as goal=0.15, step=0.2; docs/policy-rules.md lists them.',
    change: 'restart, or Host.setPolicy',
  },
  interval: {
    type: 'integer',
    format: 'Seconds',
    minimum: 1,
    maximum: 3600,
    default: 5,
    description:
      'How often targets are decided; at once when tasks of the host begin to wait for memory.',
  },
  pin_time: {
    type: 'integer',
    format: 'Seconds',
    minimum: 0,
    maximum: 31536000,
    default: 600,
    description: 'How long a VM is left alone after a client has set its target.',
  },
  state_path: {
    type: 'string',
    default: 'auto',
    description:
      'File that keeps what clients set of the policy over a restart, until [policy] is changed in the configuration; auto is /var/lib/vmemd/policy.json, and none on the simulated host; none for no file.',
  },
  trace_path: {
    type: 'string',
    default: '',
    description:
      "File of JSON lines that gets each round's figures and decisions, for vmemd replay and vmemd decide; empty for none.",
  },
  trace_max_bytes: {
    type: 'integer',
    format: 'bytes',
    minimum: 65536,
    maximum: 1099511627776,
    default: 67108864,
    description:
      'Size at which that file is renamed to end in .1, .1 to .2 and so on, and a new one begun.',
  },
  trace_files: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 8,
    description: 'How many files of the trace are kept, the one that is written included.',
  },
  meminfo_path: {
    type: 'string',
    default: '',
    description:
      "File to read in place of /proc/meminfo, in a container that has the host's elsewhere, or for trials; empty for the host's own.",
  },
  pressure_path: {
    type: 'string',
    default: '',
    description:
      "File to read in place of /proc/pressure/memory; empty for the host's own, which kernels without PSI do not have.",
  },
  cgroup_path: {
    type: 'string',
    default: '',
    description:
      'Folder of the control group of all VMs, whose memory limits and those of the groups above it are respected; empty for the one that the VMs are found in; none for no limits.',
  },
} as const;
