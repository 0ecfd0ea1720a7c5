import { integer, MiB, object, openObject, text, UUID } from './types.ts';

const address = openObject(
  {},
  {
    type: text,
    slot: { type: 'integer', minimum: 0 },
    base: { type: 'string', pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,19})$' },
  },
);

/** A memory device in the engine's form; size in MiB. */
const VmMemoryDevice = openObject(
  {},
  {
    type: text,
    device: { enum: ['memory'] },
    deviceId: text,
    alias: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$' },
    size: integer,
    node: integer,
    address,
    specParams: openObject({}, { size: integer, node: integer }),
  },
);

/** Parameters of VM.hotplugMemory and VM.hotunplugMemory: one device, by its properties or as a `<memory>` element. */
export const HotplugMemoryParams = object(
  {},
  {
    vmId: UUID,
    memory: VmMemoryDevice,
    xml: { type: 'string', maxLength: 16_384 },
    memGuaranteedSize: MiB,
  },
);
