import { type HostDomain, readHostDomain } from '../../support/hostDomain.ts';
import type { World } from '../../support/world.ts';

/** The host's state of a VM's memory devices, independent of vmemd. */
export class Truth {
  readonly #world: World;
  readonly #vmID: string;
  #heard = 0;
  #seen: { readonly domain: HostDomain; readonly heard: number } | undefined;
  readonly #there = new Set<string>();
  readonly #wentAt = new Map<string, number>();
  readonly #cameAt = new Map<string, number>();
  readonly #refusedAt = new Map<string, number>();
  readonly #sizes = new Map<string, number>();

  constructor(world: World, vmID: string) {
    this.#world = world;
    this.#vmID = vmID;
    world.host.listen((event) => {
      this.#heard += 1;
      if (event.kind === 'device-added') this.#came(event.alias);
      if (event.kind === 'device-removal-failed') this.#refusedAt.set(event.alias, this.#now);
      if (event.kind === 'reboot') this.#refusedAt.clear();
      if (event.kind === 'device-removed') this.#went(event.alias);
      if (event.kind === 'memory-device-size-change') this.#became(event.alias, event.size);
    });
  }

  get #now(): number {
    return this.#world.clock.now();
  }

  /** Reads the host, which has to be connected, unless nothing has changed since. */
  async look(): Promise<HostDomain> {
    const heard = this.#heard;
    if (this.#seen?.heard === heard) return this.#seen.domain;
    const domain = readHostDomain(await this.#world.host.domainXml(this.#vmID));
    // The read may be older than events that arrived meanwhile.
    if (heard !== this.#heard) return this.look();
    this.#seen = { domain, heard };
    const aliases = new Set(domain.devices.map(({ alias }) => alias));
    for (const alias of this.#there) if (!aliases.has(alias)) this.#went(alias);
    for (const alias of aliases) this.#came(alias);
    for (const { alias, current, requested } of domain.devices) {
      if (current === undefined || requested === undefined) continue;
      this.#became(alias, current);
      // The guest releases unused memory at once.
      this.#became(alias, requested, `${alias} requested`);
    }
    return domain;
  }

  /** The memory and guarantee of the next run. */
  async nextRun(): Promise<HostDomain> {
    return readHostDomain((await this.#world.host.nextRunXml(this.#vmID)) ?? '');
  }

  has(alias: string): boolean {
    return this.#there.has(alias);
  }

  /** Whether the device was gone at that time on the clock or has gone since. */
  hasGone(alias: string, since: number): boolean {
    return !this.has(alias) || (this.#wentAt.get(alias) ?? -1) >= since;
  }

  /** In KiB; undefined for a device that was not seen yet. */
  sizeOf(alias: string): number | undefined {
    return this.#seen?.domain.devices.find((device) => device.alias === alias)?.size;
  }

  /** Whether the guest has refused to give back the device that has this alias now. */
  wasRefused(alias: string): boolean {
    return (this.#refusedAt.get(alias) ?? -1) >= (this.#cameAt.get(alias) ?? 0);
  }

  /** Whether any device was removed or released memory since that time on the clock. */
  hasAnyGone(since: number): boolean {
    return [...this.#wentAt.values()].some((at) => at >= since);
  }

  #came(alias: string): void {
    if (!this.#there.has(alias)) this.#cameAt.set(alias, this.#now);
    this.#there.add(alias);
  }

  #went(alias: string): void {
    this.#there.delete(alias);
    this.#wentAt.set(alias, this.#now);
  }

  #became(alias: string, size: number, what = alias): void {
    if (size < (this.#sizes.get(what) ?? 0)) this.#wentAt.set(alias, this.#now);
    this.#sizes.set(what, size);
  }
}
