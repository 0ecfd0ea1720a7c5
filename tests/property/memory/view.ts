import { VdsmError } from '../../../src/common/errors.ts';
import type { World } from '../../support/world.ts';

const MIB = 1024;

/** An entry of VM.getMemoryDevices. */
export interface Device {
  readonly alias: string;
  readonly model: string;
  readonly state: string;
  readonly requested_mib?: number;
}

export interface Change {
  readonly action: string;
  readonly alias: string;
  readonly state: string;
}

/** A result of VM.getMemoryJob. */
export interface Job {
  readonly job_id: string;
  readonly state: string;
  readonly flow_id: string;
  readonly started: string;
  readonly ended?: string;
  readonly guaranteed_mib?: number;
  readonly changes: readonly Change[];
}

/** What clients see of a VM's memory; sizes in KiB. */
export interface View {
  readonly guaranteed: number;
  /** Boot memory and DIMMs. */
  readonly memory: number;
  /** {@link memory}, and the requested sizes of virtio-mem devices. */
  readonly provided: number;
  readonly target: number;
  readonly devices: readonly Device[];
}

/** Returns the value, or undefined for an error that the contract allows. */
const unlessRefused = async <T>(value: Promise<T>): Promise<T | undefined> => {
  try {
    return await value;
  } catch (error) {
    if (error instanceof VdsmError) return undefined;
    throw error;
  }
};

/** What clients see now; undefined while vmemd does not know the VM. */
export const viewOf = (world: World, vmID: string): Promise<View | undefined> =>
  unlessRefused(view(world, vmID));

async function view(world: World, vmID: string): Promise<View> {
  const balloon = await world.balloon(vmID);
  const devices = (await world.call('VM.getMemoryDevices', { vmID })) as readonly Device[];
  const memory = Number(balloon['balloon_max']);
  return {
    guaranteed: Number(balloon['balloon_min']),
    memory,
    provided: devices.reduce((sum, { requested_mib = 0 }) => sum + requested_mib * MIB, memory),
    target: Number(balloon['balloon_target']),
    devices,
  };
}

/** The job of that id, or the newest one; undefined where vmemd knows none. */
export const jobOf = (world: World, vmID: string, jobID?: string): Promise<Job | undefined> =>
  unlessRefused(
    world.call('VM.getMemoryJob', { vmID, ...(jobID !== undefined && { jobID }) }) as Promise<Job>,
  );
