import type { OvirtMetadata } from '../../domain-xml/types.ts';

const KEYS = [
  'memGuaranteedSize',
  'balloonTarget',
  'balloonTargetMemory',
  'balloonStory',
  'memStatsPeriod',
] as const satisfies readonly (keyof OvirtMetadata)[];

/** The metadata that clients rely on. */
type Promised = Pick<OvirtMetadata, (typeof KEYS)[number]>;

interface Written {
  readonly value: number | string;
  /** The revision of the record that was written together with it. */
  readonly revision: number;
}

/** The promises that this process wrote into a domain's metadata. */
export class Promises {
  readonly #written = new Map<keyof Promised, Written>();

  /** Remembers what was written together with the record of that revision. */
  note(changes: OvirtMetadata, revision: number): void {
    for (const key of KEYS) {
      const value = changes[key];
      if (value !== undefined) this.#written.set(key, { value, revision });
    }
  }

  /** Returns the promises that a writer had not seen who had seen only that revision. */
  since(revision: number): Promised {
    const missed = [...this.#written].filter(([, written]) => written.revision > revision);
    return Object.fromEntries(missed.map(([key, { value }]) => [key, value]));
  }

  /** Forgets the promises that another program has replaced, knowing them. */
  forgetReplaced(metadata: OvirtMetadata): void {
    for (const [key, { value }] of this.#written) {
      if (metadata[key] !== value) this.#written.delete(key);
    }
  }

  forget(): void {
    this.#written.clear();
  }
}
