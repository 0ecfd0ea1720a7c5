import type { Milliseconds } from '../../common/units.ts';
import { HUNG, type Vm } from '../vm.ts';

/** Logs once when a VM hangs, and once when it answers again, which a new connection to libvirt alone does not mean. */
export class HungVms {
  /** When the VMs that hang were found to. */
  readonly #since = new Map<Vm, Milliseconds>();

  report(vms: Iterable<Vm>): void {
    for (const vm of vms) if (vm.isHung) this.#found(vm);
    for (const [vm, since] of this.#since) {
      const answers = vm.isHung === false && vm.answeredAt > since;
      if (answers) {
        vm.log.info({ event: 'vm_answers', vmId: vm.id }, 'the VM answers libvirt again');
      }
      if (answers || !vm.isAlive) this.#since.delete(vm);
    }
  }

  #found(vm: Vm): void {
    if (this.#since.has(vm)) return;
    this.#since.set(vm, vm.clock.now());
    vm.log.warn({ event: 'vm_hung', vmId: vm.id, name: vm.domain.name }, HUNG);
  }
}
