import type { EventDetails, VmEvent } from '../../client/index.ts';
import { KiB, MiB, toKiB } from '../../common/units.ts';
import { formatSize } from '../sizes/formatSize.ts';

type Memory = EventDetails['VM_memory'];
type Device = Extract<Memory, { alias: string }>;
type Job = Extract<Memory, { event: 'memory-job' }>['job'];

/** Returns in words what happened to a VM; what this version does not know as it came. */
export function describeEvent(event: VmEvent): string {
  switch (event.kind as string) {
    case 'VM_memory':
      return ofMemory(event.detail as Memory);
    case 'VM_status':
      return ofStatus(event.detail as EventDetails['VM_status']);
    default:
      return `${event.kind} ${JSON.stringify(event.detail)}`;
  }
}

function ofStatus({ status, exitMessage }: EventDetails['VM_status']): string {
  return exitMessage === undefined ? `is ${status}` : `is ${status}: ${exitMessage}`;
}

function ofMemory(detail: Memory): string {
  switch (detail.event) {
    case 'balloon-change':
      return `balloon leaves ${sizeOf(detail.balloon_cur)}`;
    case 'balloon-moved-outside': {
      const below = detail.below_min ? `, below its minimum of ${sizeOf(detail.balloon_min)}` : '';
      return `another program or the guest moved the balloon to ${sizeOf(detail.balloon_cur)}${below}`;
    }
    case 'balloon-silent':
      return detail.silent ?
          'the guest has stopped to report its memory'
        : 'the guest reports its memory again';
    case 'freshness':
      return `statistics are ${detail.freshness.state}`;
    case 'memory-job':
      return ofJob(detail.job, detail.memory_mib);
    case 'device-added':
    case 'device-removed':
    case 'device-removal-failed':
    case 'memory-device-size-change':
      return ofDevice(detail);
    default:
      return JSON.stringify(detail);
  }
}

const DEVICE_WORDS: Readonly<Record<Device['event'], string>> = {
  'device-added': 'plugged',
  'device-removed': 'removed',
  'device-removal-failed': 'not released by the guest',
  'memory-device-size-change': 'resized',
};

function ofDevice({ event, alias, size_mib: size, memory_mib: memory }: Device): string {
  const of = size === undefined ? '' : ` of ${mib(size)}`;
  return `device ${alias}${of} ${DEVICE_WORDS[event]}, memory ${mib(memory)}`;
}

function ofJob({ job_id: id, action, state, message, changes }: Job, memory: number): string {
  const states = changes.map((change) => `${change.alias} ${change.state}`).join(', ');
  const why = message === undefined ? '' : ` (${message})`;
  const devices = states === '' ? '' : `: ${states}`;
  return `job ${id} ${action} ${state}${why}${devices}; memory ${mib(memory)}`;
}

const sizeOf = (kib: string): string => formatSize(KiB(Number(kib)));
const mib = (size: number): string => formatSize(toKiB(MiB(size)));
