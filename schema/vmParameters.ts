import { array, boolean, integer, MiB, object, openObject, record, text, UUID } from './types.ts';

const count = { type: 'integer', minimum: 1 } as const;

/** A balloon, or a device of the engine that vmemd passes over. */
const device = openObject(
  { type: text, device: text },
  {
    model: text,
    specParams: openObject({}, { model: text }),
    alias: text,
    deviceId: text,
  },
);

const disk = object(
  { path: { type: 'string', minLength: 1 } },
  {
    format: { enum: ['raw', 'qcow2'] },
    device: { enum: ['disk', 'cdrom'] },
    bus: { enum: ['virtio', 'sata', 'scsi', 'ide', 'usb'] },
    readonly: boolean,
  },
);

/** What `VM.create` takes as `vmParams`: VDSM's XML form (`xml`) or the parameter form; memory sizes in MiB. */
export const VmParameters = openObject(
  {},
  {
    vmId: UUID,
    xml: { type: 'string', minLength: 1 },
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
    guestNumaNodes: array(
      object({ cpus: text, memory: MiB, nodeIndex: { type: 'integer', minimum: 0 } }),
    ),
    devices: array(device),
    disks: array(disk),
    kernel: text,
    initrd: text,
    kernelArgs: text,
    serial: object({ type: { enum: ['file', 'pty'] } }, { path: text }),
    emulator: text,
    launchPaused: boolean,
    ballooningEnabled: boolean,
    custom: record({}),
    timeOffset: integer,
  },
);
