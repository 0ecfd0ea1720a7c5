import type { Vm } from '../vm.ts';

/** Runs `create` once the VM is admitted; throws if it is not, or what `create` throws. */
export type Admit = (vm: Vm, create: () => Promise<void>) => Promise<void>;

/** VMs that wait to be admitted: their ids and names are taken meanwhile. */
export class Waiting {
  readonly #vms = new Set<Vm>();

  get size(): number {
    return this.#vms.size;
  }

  /** As holders of their ids and names. */
  holders() {
    return [...this.#vms].map(({ id, domain }) => ({
      uuid: id,
      name: domain.name,
      isDown: false,
      isVm: true,
    }));
  }

  /** Removes a VM that waits no longer. */
  leave(vm: Vm): void {
    this.#vms.delete(vm);
  }

  /** Adds a VM while `work` runs, unless it leaves before. */
  async during<T>(vm: Vm, work: () => Promise<T>): Promise<T> {
    this.#vms.add(vm);
    try {
      return await work();
    } finally {
      this.#vms.delete(vm);
    }
  }
}
