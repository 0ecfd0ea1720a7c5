import { type SlotRule, slotRuleOf } from '../../domain-xml/slots.ts';
import type { Client } from '../../libvirt/index.ts';

/** The slot rule of the connected libvirt, which is read again for each connection: an update may replace the daemon. */
export class ConnectedSlotRule {
  readonly #client: Client;
  /** Until the version is known, libvirt itself decides: this is the rule that refuses least. */
  #current: SlotRule = 'dimms';

  constructor(client: Client) {
    this.#client = client;
    client.listen(({ kind }) => {
      if (kind === 'reconnected') void this.read();
    });
  }

  get current(): SlotRule {
    return this.#current;
  }

  /** Reads libvirt's version; keeps the present rule if that fails. */
  async read(): Promise<void> {
    const version = await this.#client.control.getLibVersion().catch(() => undefined);
    if (version !== undefined) this.#current = slotRuleOf(version);
  }
}
