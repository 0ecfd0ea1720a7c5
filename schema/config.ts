/**
 * Every configuration key: where it is, its default, its type and unit, and what it does.
 * Sections and keys are VDSM's where the meaning is the same.
 */
export const configuration = {
  addresses: {
    management_ip: {
      type: 'array',
      items: { type: 'string', format: 'host' },
      default: ['localhost'],
      description:
        'Addresses to listen on, separated by commas; localhost means 127.0.0.1 and ::1, and :: all addresses.',
    },
    management_port: {
      type: 'integer',
      minimum: 0,
      maximum: 65535,
      default: 54321,
      description: 'TCP port to listen on; 0 takes a free one.',
    },
  },
  libvirt: {
    uri: {
      type: 'string',
      format: 'hypervisor',
      default: 'auto',
      description:
        'libvirt connection URI, simulated for the built-in host, or auto: libvirt if it answers, else simulated.',
    },
  },
  vars: {
    ssl: {
      type: 'boolean',
      default: true,
      description:
        'Offer TLS, and demand it of everybody but this machine; clients must show a certificate of our CA.',
    },
    pki_path: {
      type: 'string',
      default: '/etc/pki/vdsm',
      description:
        'Folder of keys/vdsmkey.pem, certs/vdsmcert.pem and certs/cacert.pem; read again when they change.',
    },
    verify_client_cert: {
      type: 'boolean',
      default: false,
      description:
        "Demand that the common name of a client's certificate is the client's address or one of its names in DNS.",
    },
    vm_command_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 3600,
      default: 60,
      description: 'How long an operation on one VM may take.',
    },
    max_vms: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 2000,
      description: 'Most VMs that are taken in on this host.',
    },
  },
  sampling: {
    interval: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 3600,
      default: 5,
      description: 'How often statistics of all VMs are read.',
    },
    history: {
      type: 'integer',
      minimum: 2,
      maximum: 10000,
      default: 60,
      description: 'How many samples of each VM are kept.',
    },
  },
  memory: {
    mem_stats_period_seconds: {
      type: 'integer',
      format: 'Seconds',
      minimum: -2147483648,
      maximum: 2147483647,
      default: 10,
      description: 'How often a guest reports memory statistics; 0 or less: it is not asked to.',
    },
    own_stats_period: {
      enum: ['when-absent', 'always'],
      default: 'when-absent',
      description:
        'Which VMs get the configured period: those without any, or always, also where somebody chose another.',
    },
    autodeflate: {
      type: 'boolean',
      default: true,
      description: 'Let a guest that runs out of memory take some back from its balloon.',
    },
    free_page_reporting: {
      type: 'boolean',
      default: true,
      description: 'Let a guest hand pages that it does not use back to the host.',
    },
  },
  hotplug: {
    unplug_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 86400,
      default: 60,
      description:
        'How long a guest that was asked for memory may take before it is asked again, or that is the outcome.',
    },
    unplug_attempts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 1,
      description: 'How often a guest that does not answer is asked for a memory device in all.',
    },
    online_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 86400,
      default: 30,
      description:
        "How long a plugged device may take to show in the guest's own total before it counts as not online.",
    },
  },
  mom: {
    socket_path: {
      type: 'string',
      default: '',
      description: "Socket of this host's MoM, as /run/vdsm/mom-vdsm.sock; empty: there is none.",
    },
    parameters_path: {
      type: 'string',
      default: '/var/lib/vmemd/mom-parameters.json',
      description:
        'File that keeps what Host.setMOMPolicyParameters sets over a restart, where there is a MoM.',
    },
  },
  rpc: {
    max_message_bytes: {
      type: 'integer',
      minimum: 1024,
      maximum: 268435456,
      default: 4194304,
      description: 'Longest WebSocket message; a longer one closes its connection.',
    },
    max_frame_bytes: {
      type: 'integer',
      minimum: 1024,
      maximum: 268435456,
      default: 16777216,
      description: 'Longest body of a STOMP frame; a longer one closes its connection.',
    },
    max_batch: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 100,
      description: 'Most requests in one batch.',
    },
    max_outstanding: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 80,
      description: 'Most unanswered requests of one connection; more are refused.',
    },
    max_unread_bytes: {
      type: 'integer',
      minimum: 1024,
      maximum: 1073741824,
      default: 16777216,
      description: 'Most output that may wait for one client; one that does not read is cut off.',
    },
    allowed_origins: {
      type: 'array',
      items: { type: 'string', format: 'origin' },
      default: [],
      description: 'Origins of web pages that may connect, besides our own; separated by commas.',
    },
    allowed_hosts: {
      type: 'array',
      items: { type: 'string', format: 'host' },
      default: [],
      description:
        'Names by which HTTP and WebSocket clients reach us, besides localhost, addresses and the names of our certificate; separated by commas.',
    },
  },
  devel: {
    api_strict_mode: {
      type: 'boolean',
      default: false,
      description:
        'Refuse parameters that a verb does not know instead of logging and dropping them.',
    },
  },
  logging: {
    level: {
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      default: 'info',
      description: 'Least severe messages that are logged.',
    },
  },
} as const;
