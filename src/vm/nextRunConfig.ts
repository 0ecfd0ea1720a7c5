import { omitUndefined } from '../common/omitUndefined.ts';
import { domainAtStart } from '../domain-xml/align.ts';
import { withMemory, withMetadata } from '../domain-xml/edit.ts';
import { editedMetadata, guaranteeOf, metadataOf, OVIRT_VM } from '../domain-xml/metadata.ts';
import { readDomain } from '../domain-xml/parse.ts';
import type { OvirtMetadata } from '../domain-xml/types.ts';
import { type CallOptions, type Hypervisor, mayStillHappen } from '../host/hypervisor.ts';
import { providedMemory } from '../memory/virtioMem.ts';
import type { EventMarks } from './eventMarks.ts';
import type { LateCalls, Settings } from './lateCalls.ts';
import { readable } from './readable.ts';

interface Parts {
  readonly id: string;
  readonly hypervisor: Hypervisor;
  readonly late: LateCalls;
  readonly marks: EventMarks;
}

type NextRunSettings = Pick<Settings, 'nextMemory' | 'nextGuaranteed' | 'nextPeriod'>;
const NAMES = ['nextMemory', 'nextGuaranteed', 'nextPeriod'] as const;

/** The configuration of a VM's next run. */
export class NextRunConfig {
  readonly #parts: Parts;
  /** What was written last, or by another program since, as far as known. */
  #accepted: Partial<NextRunSettings> = {};

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Returns the configuration, with what was accepted last in place of what a late call has set; undefined for a
   * transient domain. Throws HypervisorError.
   */
  async read(options?: CallOptions): Promise<string | undefined> {
    const { hypervisor, id } = this.#parts;
    const xml = await hypervisor.nextRunXml(id, options);
    return xml === undefined ? undefined : this.#settled(xml);
  }

  /** Replaces the configuration. Throws HypervisorError. */
  async write(xml: string, options?: CallOptions): Promise<void> {
    const { hypervisor, id } = this.#parts;
    const settings = settingsOf(xml);
    await this.#accept(() => settings, hypervisor.setNextRunXml(id, xml, options));
  }

  /** Writes into the metadata of the configuration; does nothing for a transient domain. Throws HypervisorError. */
  async writeMetadata(changes: OvirtMetadata, options?: CallOptions): Promise<void> {
    const { hypervisor, id, marks } = this.#parts;
    let settings: Partial<NextRunSettings> = omitUndefined(fromMetadata(changes));
    const edit = (found: string) => {
      const root = readable(() => readDomain(this.#settled(found)));
      const xml = editedMetadata(root, { ...changes, keptFor: id });
      settings = fromMetadata(metadataOf(root));
      return { ...OVIRT_VM, xml };
    };
    const fail = marks.beginWrite();
    try {
      const writing = hypervisor.editNextRunMetadata(id, edit, options);
      if (!(await this.#accept(() => settings, writing))) fail();
    } catch (error) {
      fail();
      throw error;
    }
  }

  /** Writes what was accepted last, if a late call has set something else. Throws HypervisorError. */
  async restore(options?: CallOptions): Promise<void> {
    const { hypervisor, id } = this.#parts;
    const xml = await hypervisor.nextRunXml(id, options);
    const settled = xml && this.#settled(xml);
    if (settled !== undefined && settled !== xml) await this.write(settled, options);
  }

  /** Returns the result of a call that sets `settings`, which are known once it has ended. */
  async #accept<T>(settings: () => Partial<NextRunSettings>, call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      this.#accepted = { ...this.#accepted, ...settings() };
      return result;
    } catch (error) {
      if (mayStillHappen(error)) this.#parts.late.expect(settings());
      throw error;
    }
  }

  #settled(xml: string): string {
    const { late } = this.#parts;
    if (!NAMES.some((name) => late.of(name).length > 0)) return xml;
    return readable(() => {
      const found = settingsOf(xml);
      const undone = NAMES.filter((name) => this.#isUndone(name, found));
      const restored = Object.fromEntries(undone.map((name) => [name, this.#accepted[name]]));
      this.#accepted = { ...found, ...restored };
      return withSettings(xml, restored);
    });
  }

  /** Whether a late call has set the value found, in place of one that is known. */
  #isUndone(name: keyof NextRunSettings, found: NextRunSettings): boolean {
    const accepted = this.#accepted[name];
    const values: readonly unknown[] = this.#parts.late.of(name);
    return accepted !== undefined && accepted !== found[name] && values.includes(found[name]);
  }
}

/** Returns the same text for no settings. */
function withSettings(xml: string, settings: Partial<NextRunSettings>): string {
  const { nextMemory, nextGuaranteed, nextPeriod } = settings;
  const metadata: OvirtMetadata = {
    ...(nextGuaranteed !== undefined && { memGuaranteedSize: nextGuaranteed }),
    ...(nextPeriod !== undefined && { memStatsPeriod: nextPeriod }),
  };
  const resized = nextMemory === undefined ? xml : withMemory(xml, nextMemory);
  return Object.keys(metadata).length > 0 ? withMetadata(resized, metadata) : resized;
}

function settingsOf(xml: string): NextRunSettings {
  const domain = domainAtStart(xml);
  return { nextMemory: providedMemory(domain), ...fromMetadata(domain.metadata) };
}

const fromMetadata = (metadata: OvirtMetadata | undefined) => ({
  nextGuaranteed: guaranteeOf(metadata),
  nextPeriod: metadata?.memStatsPeriod,
});
