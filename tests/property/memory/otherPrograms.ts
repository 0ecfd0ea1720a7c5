import { OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { VdsmError } from '../../../src/common/errors.ts';
import { dimmXml } from '../../support/hostDomain.ts';
import { ovirtElement } from '../../support/onHost.ts';
import type { World } from '../../support/world.ts';
import type { Another } from '../../support/worldOptions.ts';
import type { Client } from './client.ts';
import type { Foreign, Wish } from './steps.ts';

/** Programs that change the same VM beside vmemd; no fault of vmemd's connection affects them. */
export class OtherPrograms {
  readonly #world: World;
  readonly #vmID: string;
  /** The metadata's element of oVirt as a program has read it. */
  #copy: string | undefined;
  #daemon: Another | undefined;

  constructor(world: World, vmID: string) {
    this.#world = world;
    this.#vmID = vmID;
  }

  /** Plugs or unplugs a device, as virsh does. */
  async act(what: Foreign, client: Client): Promise<void> {
    const { host } = this.#world;
    if (what.kind === 'attach') {
      await host.attachDevice(this.#vmID, dimmXml(what.blocks * 128)).catch(() => undefined);
      return;
    }
    const alias = await client.nth(what.device);
    client.askBack(alias);
    void host.detachDevice(this.#vmID, alias).catch(() => undefined);
  }

  /** Reads the metadata. */
  async read(): Promise<void> {
    this.#copy = ovirtElement(await this.#world.host.domainXml(this.#vmID));
  }

  /** Writes the metadata back as they were read, over all that was written since. */
  async writeBack(): Promise<void> {
    if (this.#copy === undefined) return;
    const element = { ...OVIRT_VM, xml: this.#copy, where: 'live' } as const;
    await this.#world.host.setMetadata(this.#vmID, element);
  }

  /** Asks a second vmemd, which is started where there is none yet. */
  async ask(wish: Wish, client: Client): Promise<void> {
    this.#daemon ??= await this.#world.another();
    const { call } = this.#daemon;
    await client.wish(wish, (method, params) =>
      call(method, { vmID: this.#vmID, ...params }).catch((error: unknown) => {
        if (error instanceof VdsmError) return undefined;
        throw error;
      }),
    );
  }

  /** Samples the guests for the second vmemd. */
  sample(): void {
    void this.#daemon?.sample().catch(() => undefined);
  }

  /** Kills the second vmemd. */
  stop(): void {
    this.#daemon?.kill();
    this.#daemon = undefined;
  }
}
