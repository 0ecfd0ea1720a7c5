import { array, boolean, integer, MiB, object, openObject, record, UUID } from './types.ts';

/** The largest number of vCPUs of any hypervisor. */
const count = { type: 'integer', minimum: 1, maximum: 4096 } as const;

/** The length of a path, or of Linux's command line. */
const text = { type: 'string', maxLength: 4096 } as const;

/** A balloon, a virtio-mem device (sizes in MiB), or another device of the engine, which vmemd ignores. */
const device = openObject(
  { type: text, device: text },
  {
    model: text,
    specParams: openObject(
      {},
      {
        model: text,
        size: MiB,
        block: MiB,
        requested: MiB,
        node: { type: 'integer', minimum: 0 },
      },
    ),
    alias: text,
    deviceId: text,
  },
);

const disk = object(
  { path: { ...text, minLength: 1 } },
  {
    format: { enum: ['raw', 'qcow2'] },
    device: { enum: ['disk', 'cdrom'] },
    bus: { enum: ['virtio', 'sata', 'scsi', 'ide', 'usb'] },
    readonly: boolean,
  },
);

const numaNode = object({ cpus: text, memory: MiB, nodeIndex: { type: 'integer', minimum: 0 } });

const customValue = { anyOf: [text, { type: 'number' }, boolean] } as const;

/** `vmParams` of `VM.create`: VDSM's XML form (`xml`) or the parameter form; memory sizes in MiB. */
export const VmParameters = openObject(
  {},
  {
    vmId: UUID,
    xml: { type: 'string', minLength: 1, maxLength: 262_144 },
    vmName: text,
    vmType: { enum: ['kvm', 'qemu', 'test'] },
    kvmEnable: boolean,
    memSize: MiB,
    memGuaranteedSize: MiB,
    maxMemSize: MiB,
    maxMemSlots: { type: 'integer', minimum: 0, maximum: 256 },
    smp: count,
    maxVCpus: count,
    smpCoresPerSocket: count,
    smpThreadsPerCore: count,
    cpuType: text,
    emulatedMachine: text,
    arch: text,
    guestNumaNodes: { ...array(numaNode), maxItems: 64 },
    devices: { ...array(device), maxItems: 256 },
    disks: { ...array(disk), maxItems: 64 },
    kernel: text,
    initrd: text,
    kernelArgs: text,
    serial: object({ type: { enum: ['file', 'pty'] } }, { path: text }),
    emulator: text,
    launchPaused: boolean,
    ballooningEnabled: boolean,
    custom: { ...record(customValue), maxProperties: 128 },
    timeOffset: integer,
  },
);
