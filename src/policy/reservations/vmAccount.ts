import { KiB, MiB, toKiB } from '../../common/units.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Exemption } from '../decide/round/round.ts';
import type { VmAccount } from './accounts.ts';

/** What a VM needs on the host beside its memory, as VDSM's guestOverhead, which schedulers add too. */
export const OVERHEAD: KiB = toKiB(MiB(65));

/** Exemptions that pass: the VM is ballooned again. */
const PASSING: ReadonlySet<Exemption> = new Set([
  'paused',
  'migrating',
  'pinned',
  'busy',
  'not-answering',
]);

/** Returns the VM's side of the account. `exempt`: why it is not ballooned. */
export function vmAccount(vm: Vm, exempt: Exemption | undefined): VmAccount {
  const { newest } = vm.samples;
  const promised = promisedTo(vm, exempt);
  // Before its first sample, a VM that runs is taken to occupy what it may.
  const most = vm.isLaunching ? 0 : vm.balloonTarget;
  return { id: vm.id, promised, occupied: newest?.rss ?? newest?.current ?? most };
}

/** Returns what the VM may have at any time: its floor, or all of its memory if its balloon cannot be used. */
export function promisedTo(vm: Vm, exempt: Exemption | undefined): KiB {
  if (exempt === 'hugepages') return OVERHEAD;
  const isBallooned = exempt === undefined || PASSING.has(exempt);
  const balloonable = isBallooned ? Math.min(vm.floor, vm.memory) : vm.memory;
  return KiB(balloonable + (vm.usableMemory - vm.memory) + OVERHEAD);
}
