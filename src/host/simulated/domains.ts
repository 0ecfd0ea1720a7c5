import type { SlotRule } from '../../domain-xml/slots.ts';
import { type DomainSummary, HypervisorError, type NewRun } from '../hypervisor.ts';
import { define, type Definition } from './definition.ts';
import { convertXmlErrors } from './xml.ts';
import { SimulatedDomain, type HostContext } from './simulatedDomain.ts';
import { madeUpUuid } from './guest/random.ts';

export type DomainsParts = Omit<HostContext, 'forget'> & {
  readonly maxDomains: number;
  readonly slotRule: SlotRule;
};

/** All domains of a host, defined or running. Methods throw HypervisorError with libvirt's messages. */
export class Domains {
  readonly #parts: DomainsParts;
  readonly #byUuid = new Map<string, SimulatedDomain>();
  #created = 0;

  constructor(parts: DomainsParts) {
    this.#parts = parts;
  }

  [Symbol.iterator](): IterableIterator<SimulatedDomain> {
    return this.#byUuid.values();
  }

  /** Advances every guest to now; removes a transient domain that ends. */
  catchUp(): void {
    for (const domain of this) domain.catchUp();
  }

  summaries(): DomainSummary[] {
    return [...this].map(({ summary }) => summary);
  }

  /** Throws `no-domain`. */
  named(uuid: string): SimulatedDomain {
    const domain = this.#byUuid.get(uuid);
    if (domain) return domain;
    throw new HypervisorError(
      'no-domain',
      `Domain not found: no domain with matching uuid '${uuid}'`,
    );
  }

  /** The number of the next run. */
  newId(): number {
    return ++this.#created;
  }

  create(xml: string, { paused, onDefined }: NewRun): DomainSummary {
    const id = this.newId();
    const definition = this.#read(xml, () => madeUpUuid(this.#parts.seed, `domain ${String(id)}`));
    const domain = this.#defined(definition);
    try {
      onDefined?.();
      domain.start(id, paused);
    } catch (error) {
      domain.undefine();
      throw error;
    }
    return domain.summary;
  }

  /** Throws `refused` for a transient domain, `exists` if the XML describes another domain. */
  redefine(uuid: string, xml: string): void {
    const domain = this.named(uuid);
    const definition = this.#read(xml, () => uuid);
    checkSame(domain, definition);
    domain.setNextRun(definition);
  }

  #read(xml: string, newUuid: () => string): Definition {
    const { slotRule } = this.#parts;
    return convertXmlErrors(() => define(xml, { newUuid, slotRule }));
  }

  #defined(definition: Definition): SimulatedDomain {
    const { uuid, name } = definition.domain;
    const known = this.#byUuid.get(uuid);
    const namesake = [...this].find((domain) => domain.name === name);
    const other = namesake ?? known;
    if (other) checkSame(other, definition);
    known?.catchUp();
    if (known?.active) {
      throw new HypervisorError(
        'exists',
        `Requested operation is not valid: domain is already active as '${name}'`,
      );
    }
    if (known) {
      known.redefine(definition);
      return known;
    }
    return this.#add(definition);
  }

  #add(definition: Definition): SimulatedDomain {
    const { maxDomains, clock, seed, emit } = this.#parts;
    if (this.#byUuid.size >= maxDomains) {
      throw new HypervisorError(
        'refused',
        `operation failed: this host holds at most ${String(maxDomains)} domains, undefine some`,
      );
    }
    const domain = new SimulatedDomain(definition, {
      clock,
      seed,
      emit,
      forget: (uuid) => {
        this.#byUuid.delete(uuid);
      },
    });
    this.#byUuid.set(domain.uuid, domain);
    return domain;
  }
}

function checkSame({ uuid, name }: SimulatedDomain, { domain }: Definition): void {
  if (domain.uuid === uuid && domain.name === name) return;
  throw new HypervisorError(
    'exists',
    `operation failed: domain '${name}' already exists with uuid ${uuid}`,
  );
}
