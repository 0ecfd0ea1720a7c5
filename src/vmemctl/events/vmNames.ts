import type { Client } from '../../client/index.ts';

/** The names of one host's VMs, read again when an unknown VM appears. */
export class VmNames {
  readonly #client: Client;
  readonly #names = new Map<string, string>();
  /** VMs that the host does not know either, such as those that are gone. */
  readonly #unknown = new Set<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Returns a VM's name; undefined if it has none or the host cannot be asked. */
  async of(vmId: string): Promise<string | undefined> {
    if (!this.#names.has(vmId) && !this.#unknown.has(vmId)) {
      await this.#read().catch(() => undefined);
      if (!this.#names.has(vmId)) this.#unknown.add(vmId);
    }
    return this.#names.get(vmId);
  }

  async #read(): Promise<void> {
    const { vms } = await this.#client.call('Host.getOverview');
    for (const { id, name } of vms) this.#names.set(id, name);
  }
}
