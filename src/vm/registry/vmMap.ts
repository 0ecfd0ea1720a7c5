import type { Vm } from '../vm.ts';

/** The VMs of this host by their ids. */
export class VmMap extends Map<string, Vm> {
  /** Closes a VM and forgets it. */
  remove(vm: Vm): void {
    vm.close();
    this.delete(vm.id);
  }
}
