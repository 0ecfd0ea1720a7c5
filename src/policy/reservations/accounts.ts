import { KiB } from '../../common/units.ts';

/** The host's side of the account; sizes in KiB. */
export interface HostAccount {
  /** What the host and its guests can have. */
  readonly capacity: number;
  /** What can still be used without swapping. */
  readonly available: number;
  /** What is not promised, beside what the host itself uses. */
  readonly reserve: number;
}

/** A VM's side of the account; sizes in KiB. */
export interface VmAccount {
  readonly id: string;
  /** What it may have at any time, with its QEMU: what ballooning never takes. */
  readonly promised: number;
  /** Host memory that it occupies, with its QEMU. */
  readonly occupied: number;
}

/** A reservation's side of the account; sizes in KiB. */
export interface ReservedAccount {
  readonly amount: number;
  /** The VM that it was made for, which may not run yet. */
  readonly vm?: string | undefined;
}

/** What of the host is promised, in KiB. */
export interface Promises {
  /** What the host itself uses. */
  readonly own: KiB;
  /** The most that can be promised. */
  readonly limit: KiB;
  /** What is promised to VMs. */
  readonly guaranteed: KiB;
  /** What is reserved beyond that. */
  readonly reserved: KiB;
  /** What can still be promised; negative if more is promised than the host has. */
  readonly left: number;
}

/**
 * Returns what of the host is promised. A reservation for a VM that runs counts only as far as it exceeds what that VM
 * is promised, so that nothing counts twice.
 */
export function promisesOf(
  { capacity, available, reserve }: HostAccount,
  vms: readonly VmAccount[],
  reservations: readonly ReservedAccount[],
): Promises {
  const occupied = sum(vms.map((vm) => vm.occupied));
  const own = Math.max(0, capacity - available - occupied);
  const limit = Math.max(0, capacity - own - reserve);
  const guaranteed = sum(vms.map((vm) => vm.promised));
  const reserved = reservedBeyond(vms, reservations);
  const left = Math.floor(limit - guaranteed - reserved);
  return {
    own: KiB(Math.round(own)),
    limit: KiB(Math.floor(limit)),
    guaranteed: KiB(guaranteed),
    reserved: KiB(reserved),
    left,
  };
}

function reservedBeyond(
  vms: readonly VmAccount[],
  reservations: readonly ReservedAccount[],
): number {
  const promised = new Map(vms.map((vm) => [vm.id, vm.promised]));
  const ofVms = new Map<string, number>();
  let others = 0;
  for (const { amount, vm } of reservations) {
    if (vm === undefined) others += amount;
    else ofVms.set(vm, (ofVms.get(vm) ?? 0) + amount);
  }
  return [...ofVms].reduce(
    (rest, [vm, amount]) => rest + Math.max(0, amount - (promised.get(vm) ?? 0)),
    others,
  );
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
