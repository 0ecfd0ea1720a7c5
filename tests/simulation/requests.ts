import { idOf } from '../support/world.ts';
import type { GuestSetup } from '../support/memoryGuest.ts';

const MIB = 1024;

/** A request that changes memory, and the VM that it changes. */
export interface Request {
  readonly verb: string;
  readonly params: object;
  /** A VM of 1 GiB with 512 MiB guaranteed and a target of 900 MiB, unless given otherwise. */
  readonly setup?: GuestSetup;
  /** In MiB: the sizes that the VM is grown to before, one after the other; its next run follows. */
  readonly sizes?: readonly number[];
  /** In MiB: the guarantee and the memory after the request; absent if unchanged. */
  readonly guaranteed?: number;
  readonly memory?: number;
  /** In MiB, of a request that changes what the next run begins with. */
  readonly nextRun?: number;
  /** How many devices it plugs at most. */
  readonly plugs?: number;
  /** In MiB: the target after the request. */
  readonly target?: number;
  readonly period?: number;
}

const device = (memory: object, more: object = {}) => ({
  params: { vmId: idOf(1), memory, ...more },
});
const DIMMS: GuestSetup = { devices: [256, 128] };

export const REQUESTS: Readonly<Record<string, Request>> = {
  'VM.setBalloonTarget': {
    verb: 'setBalloonTarget',
    params: { target: 700 * MIB },
    target: 700,
  },
  'VM.setBalloonTarget below the guarantee': {
    verb: 'setBalloonTarget',
    params: { target: 100 * MIB },
    target: 512,
  },
  'VM.setGuaranteedMemory': {
    verb: 'setGuaranteedMemory',
    params: { guaranteed: 700 },
    guaranteed: 700,
  },
  'VM.setGuaranteedMemory above the target': {
    verb: 'setGuaranteedMemory',
    params: { guaranteed: 1000 },
    guaranteed: 1000,
    target: 1000,
  },
  'VM.setMemoryStatsPeriod': { verb: 'setMemoryStatsPeriod', params: { period: 3 }, period: 3 },
  'VM.hotplugMemory': {
    verb: 'hotplugMemory',
    params: device({ size: 256, node: 0 }),
    memory: 1280,
    target: 1156,
    plugs: 1,
  },
  'VM.hotplugMemory with a guarantee': {
    verb: 'hotplugMemory',
    params: device({ size: 256, node: 0 }, { memGuaranteedSize: 1200 }),
    memory: 1280,
    guaranteed: 1200,
    target: 1200,
    plugs: 1,
  },
  'VM.hotunplugMemory': {
    setup: DIMMS,
    verb: 'hotunplugMemory',
    params: device({ alias: 'dimm0' }),
    memory: 1152,
    target: 644,
  },
  'VM.hotunplugMemory with a guarantee': {
    setup: DIMMS,
    verb: 'hotunplugMemory',
    params: device({ alias: 'dimm1' }, { memGuaranteedSize: 300 }),
    memory: 1280,
    guaranteed: 300,
    target: 772,
  },
  'VM.setMemory that plugs': {
    verb: 'setMemory',
    params: { memory: 1536, guaranteed: 1200 },
    memory: 1536,
    guaranteed: 1200,
    nextRun: 1536,
    target: 1412,
    plugs: 2,
  },
  'VM.setMemory that plugs two and waits': {
    verb: 'setMemory',
    params: { memory: 1536, specialBlock: true, wait: true },
    memory: 1536,
    nextRun: 1536,
    target: 1412,
    plugs: 2,
  },
  'VM.setMemory that unplugs': {
    sizes: [1280, 1408],
    verb: 'setMemory',
    params: { memory: 1152, guaranteed: 400 },
    memory: 1152,
    guaranteed: 400,
    nextRun: 1152,
    target: 644,
  },
  'VM.setMemory that unplugs two and waits': {
    sizes: [1280, 1408],
    verb: 'setMemory',
    params: { memory: 1024, guaranteed: 400, wait: true },
    memory: 1024,
    guaranteed: 400,
    nextRun: 1024,
    target: 516,
  },
  'VM.setMemory that deflates': {
    sizes: [1280, 1408],
    verb: 'setMemory',
    params: { memory: 1152, guaranteed: 400, deflate: true },
    memory: 1152,
    guaranteed: 400,
    nextRun: 1152,
    target: 644,
  },
  'VM.setMemory that grows virtio-mem': {
    setup: { virtioMem: 1024 },
    verb: 'setMemory',
    params: { memory: 1536, wait: true },
    memory: 1536,
    nextRun: 1536,
  },
  'VM.setMemory that only guarantees': {
    verb: 'setMemory',
    params: { memory: 1024, guaranteed: 700 },
    guaranteed: 700,
  },
};
