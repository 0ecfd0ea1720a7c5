import type { Hypervisor } from '../../host/hypervisor.ts';
import { Milliseconds } from '../../common/units.ts';

const TIMEOUT = { timeout: Milliseconds(2000) };

/**
 * Knows which VMs are being migrated or saved: a target would wait in libvirt until that ends, and the VM look as if it
 * hung. No event reports when that begins, so that a VM is looked at before it is sent a target, and until it is over.
 */
export class Moves {
  readonly #hypervisor: Pick<Hypervisor, 'isMoving'>;
  #moving: ReadonlySet<string> = new Set();

  constructor(hypervisor: Pick<Hypervisor, 'isMoving'>) {
    this.#hypervisor = hypervisor;
  }

  /** Whether the VM was being moved when it was last looked at. */
  has(id: string): boolean {
    return this.#moving.has(id);
  }

  /** Looks at these VMs, and at those that were being moved; never rejects. */
  async look(ids: Iterable<string>): Promise<void> {
    const all = [...new Set([...this.#moving, ...ids])];
    const moving = await Promise.all(all.map((id) => this.#isMoving(id)));
    this.#moving = new Set(all.filter((_, index) => moving[index]));
  }

  /** One that libvirt does not answer for is found to hang by others. */
  #isMoving(id: string): Promise<boolean> {
    return this.#hypervisor.isMoving(id, TIMEOUT).catch(() => false);
  }
}
