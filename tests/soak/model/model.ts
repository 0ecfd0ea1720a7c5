import { randomUUID } from 'node:crypto';
import { FAMILIES, ModelVm } from './vm.ts';

const VMS = 200;

/** What is known of the host by the replies of vmemd. */
export class Model {
  /** VMs that clients use; a slot without one waits for its creation. */
  readonly slots: (ModelVm | undefined)[] = Array.from({ length: VMS }, () => undefined);
  /** VMs that may or may not exist. */
  readonly doubtful = new Map<string, ModelVm>();
  readonly reservations = new Set<string>();
  /** Whether the policy or a reservation may have moved balloons since the last judgement. */
  isMoved = false;
  /** Whether clients may switch the policy and reserve memory. */
  isShared = false;

  /** Takes an empty slot for a VM that is to be created; undefined if there is none. */
  newVm(): ModelVm | undefined {
    const slot = this.slots.indexOf(undefined);
    const family = FAMILIES[slot % FAMILIES.length];
    if (slot < 0 || !family) return undefined;
    const vm = new ModelVm(randomUUID(), family);
    this.slots[slot] = vm;
    return vm;
  }

  drawVm(random: () => number): ModelVm | undefined {
    return this.slots[Math.floor(random() * VMS)];
  }

  /** A VM is surely gone. */
  forget(vm: ModelVm): void {
    vm.exists = false;
    this.#release(vm);
    this.doubtful.delete(vm.id);
  }

  /** Records that a VM may or may not exist. */
  doubt(vm: ModelVm): void {
    vm.exists = undefined;
    this.#release(vm);
    this.doubtful.set(vm.id, vm);
  }

  /** All VMs that may exist. */
  vms(): readonly ModelVm[] {
    return [...this.slots.filter((vm) => vm !== undefined), ...this.doubtful.values()];
  }

  #release(vm: ModelVm): void {
    const slot = this.slots.indexOf(vm);
    if (slot >= 0) this.slots[slot] = undefined;
  }
}
