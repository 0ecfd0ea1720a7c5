import { memoryConfiguration } from './memoryConfig.ts';
import { policyConfiguration } from './policyConfig.ts';

/**
 * All configuration keys with section, type, unit, default and description.
 * Sections and keys have VDSM's names if the meaning is the same.
 */
export const configuration = {
  addresses: {
    management_ip: {
      type: 'array',
      items: { type: 'string', format: 'endpoint' },
      default: ['localhost'],
      description:
        'Addresses to listen on, separated by commas; localhost means 127.0.0.1 and ::1, :: means all addresses; one may have a port of its own, as localhost:54399 or [::1]:54399.',
    },
    management_port: {
      type: 'integer',
      minimum: 0,
      maximum: 65535,
      default: 54321,
      description: 'TCP port of the addresses that name none; 0 selects a free port.',
    },
  },
  libvirt: {
    uri: {
      type: 'string',
      format: 'hypervisor',
      default: 'qemu:///system',
      description:
        "libvirt connection URI, which vmemd waits for; simulated for the built-in host; auto for the system's libvirt if it answers at start, otherwise simulated.",
    },
    read_only: {
      type: 'boolean',
      default: false,
      description:
        'Change nothing: serve only what reads, beside the vmemd that owns this libvirt; --read-only sets it.',
    },
    lock_path: {
      type: 'string',
      default: '',
      description:
        "Folder of the lock by which one vmemd owns a libvirt, writable for vmemd alone; by default that of libvirt's socket, or vmemd's own in $XDG_RUNTIME_DIR if it cannot write there.",
    },
  },
  vars: {
    ssl: {
      type: 'boolean',
      default: true,
      description:
        'Offer TLS, and require it from all clients except those on this machine; clients must present a certificate of the CA.',
    },
    pki_path: {
      type: 'string',
      default: '/etc/pki/vdsm',
      description:
        'Folder of keys/vdsmkey.pem, certs/vdsmcert.pem and certs/cacert.pem; reloaded when they change.',
      change: 'restart; files in it: at once, or reload',
    },
    verify_client_cert: {
      type: 'boolean',
      default: false,
      description:
        "Require that the common name of a client's certificate is the client's address or one of its DNS names.",
    },
    vm_command_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 3600,
      default: 60,
      description: 'Time limit for an operation on one VM.',
    },
    max_vms: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 2000,
      description: 'Maximum number of VMs managed on this host.',
    },
  },
  sampling: {
    interval: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 3600,
      default: 5,
      description: 'How often the statistics of all VMs are read.',
    },
    history: {
      type: 'integer',
      minimum: 2,
      maximum: 10000,
      default: 60,
      description: 'Number of samples kept per VM.',
    },
  },
  memory: memoryConfiguration,
  hotplug: {
    unplug_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 86400,
      default: 60,
      description:
        'How long to wait for a guest to release a memory device before the next attempt, or before the unplug counts as timed out.',
    },
    unplug_attempts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 1,
      description:
        'Total number of unplug requests per memory device to a guest that does not answer.',
    },
    online_timeout: {
      type: 'integer',
      format: 'Seconds',
      minimum: 1,
      maximum: 86400,
      default: 30,
      description:
        "How long to wait for a plugged device to appear in the guest's total memory before it counts as not online.",
    },
  },
  mom: {
    socket_path: {
      type: 'string',
      default: '',
      description:
        "Socket of this host's MoM, such as /run/vdsm/mom-vdsm.sock; empty if there is none.",
    },
    parameters_path: {
      type: 'string',
      default: '/var/lib/vmemd/mom-parameters.json',
      description:
        'File that keeps the parameters of Host.setMOMPolicyParameters over a restart; used only with a MoM.',
    },
  },
  policy: policyConfiguration,
  rpc: {
    local_users: {
      type: 'array',
      items: { type: 'string', format: 'user' },
      default: [],
      description:
        "Users of this machine, by name or id, and @groups that may connect to a loopback address without a certificate, besides root and vmemd's own user; on the simulated host all may.",
    },
    unix_socket: {
      type: 'string',
      default: 'auto',
      description:
        'Path of a unix socket that serves all protocols to its owner and group; auto is /run/vmemd/vmemd.sock, if it can be made, and none on the simulated host; none for no socket.',
    },
    unix_socket_group: {
      type: 'string',
      default: '',
      description: 'Group that may use the unix socket, by name or id; empty for that of vmemd.',
    },
    max_message_bytes: {
      type: 'integer',
      format: 'bytes',
      minimum: 1024,
      maximum: 268435456,
      default: 4194304,
      description: 'Maximum size of a WebSocket message; a larger one closes its connection.',
    },
    max_frame_bytes: {
      type: 'integer',
      format: 'bytes',
      minimum: 1024,
      maximum: 268435456,
      default: 4194304,
      description: "Maximum size of a STOMP frame's body; a larger one closes its connection.",
    },
    max_batch: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 100,
      description: 'Maximum number of requests in one batch.',
    },
    max_outstanding: {
      type: 'integer',
      minimum: 1,
      maximum: 100000,
      default: 80,
      description: 'Maximum number of pending requests per connection; further ones are refused.',
    },
    max_unread_bytes: {
      type: 'integer',
      format: 'bytes',
      minimum: 1024,
      maximum: 1073741824,
      default: 16777216,
      description:
        'Maximum unread output per client; one that exceeds it and takes nothing for 5 s is disconnected, at four times as much at once.',
    },
    allowed_origins: {
      type: 'array',
      items: { type: 'string', format: 'origin' },
      default: [],
      description:
        "Origins of web pages that may connect, in addition to vmemd's own; separated by commas.",
    },
    allowed_hosts: {
      type: 'array',
      items: { type: 'string', format: 'host' },
      default: [],
      description:
        "Host names that HTTP and WebSocket clients may use, in addition to localhost, addresses and the names in the server's certificate; separated by commas.",
    },
  },
  access: {
    read: {
      type: 'array',
      items: { type: 'string', format: 'rule' },
      default: [],
      description:
        'Clients of the class read, which may call what changes nothing, and get events.',
    },
    operate: {
      type: 'array',
      items: { type: 'string', format: 'rule' },
      default: [],
      description:
        'Clients of the class operate, which may also create VMs and change their memory, CPU limits and power.',
    },
    admin: {
      type: 'array',
      items: { type: 'string', format: 'rule' },
      default: [],
      description:
        'Clients of the class admin, which may call everything; root-equivalent, as they may create VMs of any content. A client in several classes has the highest.',
    },
    vm_folders: {
      type: 'array',
      items: { type: 'string', format: 'path' },
      default: [
        '/var/lib/libvirt/images',
        '/var/lib/libvirt/qemu/nvram',
        '/var/lib/libvirt/qemu/channel',
        '/var/lib/libvirt/qemu/channels',
        '/rhev/data-center',
        '/run/vdsm/storage',
        '/run/vdsm/payload',
        '/var/run/vdsm/storage',
        '/var/run/vdsm/payload',
        '/var/run/ovirt-vmconsole-console',
        '/usr/share/OVMF',
        '/usr/share/AAVMF',
        '/usr/share/edk2',
        '/usr/share/qemu',
        '/dev/net/tun',
        '/dev/vhost-net',
        '/dev/random',
        '/dev/urandom',
      ],
      description:
        'Files, and folders of files, that VMs created by the class operate may use; VMs with others, with devices of the host, or with a program of their own need the class admin.',
    },
    default_certificate: {
      enum: ['admin', 'operate', 'read', 'none'],
      default: 'admin',
      description:
        'Class of clients with a certificate of the CA that no class names; none refuses them.',
    },
    default_local: {
      enum: ['admin', 'operate', 'read'],
      default: 'admin',
      description: 'Class of [rpc] local_users that no class names.',
    },
    unix_socket: {
      enum: ['admin', 'operate', 'read'],
      default: 'admin',
      description: 'Class of clients of the unix socket.',
    },
  },
  dashboard: {
    enabled: {
      type: 'boolean',
      default: true,
      description: 'Serve the page for browsers at /; it needs a class of [access] as any client.',
    },
    actions: {
      type: 'boolean',
      default: false,
      description:
        'Let the page change memory, guarantees, balloons and the policy, as far as the class of its browser allows; otherwise it only reads.',
    },
    prometheus_url: {
      type: 'string',
      default: '',
      description:
        'Prometheus that reads the metrics of this vmemd, as http://localhost:9090, for histories of more than the last hour; empty for none.',
    },
    prometheus_selector: {
      type: 'string',
      default: '',
      description:
        'Label matchers that select the series of this host there, as instance="kvm1:54321"; empty if Prometheus reads this host only.',
    },
  },
  devel: {
    api_strict_mode: {
      type: 'boolean',
      default: false,
      description: 'Refuse a call with unknown parameters, instead of logging and ignoring them.',
    },
  },
  logging: {
    level: {
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      default: 'info',
      description: 'Lowest severity that is logged.',
      change: 'restart, or Host.setLogLevel',
    },
    format: {
      enum: ['auto', 'json', 'text'],
      default: 'auto',
      description:
        "Form of the log's lines: JSON, or readable text; auto is text on a terminal, JSON otherwise. In the journal each line has its priority.",
    },
  },
} as const;
