import type { KiB, Seconds } from '../common/units.ts';
import { alignMemory } from './align.ts';
import { addNumaCell, addStatsPeriod, dropMinGuarantee, setMinGuarantee } from './changes.ts';
import { childrenNamed, find, type Element } from './element.ts';
import { setMetadata } from './metadata.ts';
import { readDomain } from './parse.ts';
import { resizeDomain } from './resizeDomain.ts';
import type { OvirtMetadata } from './types.ts';
import { writeXml } from './writeXml.ts';

// Each function changes one thing in a domain's XML and returns the XML with a new layout. Each throws DomainXmlError
// for XML that cannot be read.

/** Applies `change` to the domain. */
export const edited = (xml: string, change: (domain: Element) => void): string => {
  const domain = readDomain(xml);
  change(domain);
  return writeXml(domain);
};

/** Sets `<memtune><min_guarantee>`. */
export const withMinGuarantee = (xml: string, size: KiB): string =>
  edited(xml, (domain) => setMinGuarantee(domain, size));

/** Removes `<min_guarantee>`, and `<memtune>` if it is empty then. */
export const withoutMinGuarantee = (xml: string): string => edited(xml, dropMinGuarantee);

/** Adds a statistics period to a balloon without one; a period of 0 or less changes nothing. */
export const withStatsPeriod = (xml: string, period: Seconds): string =>
  edited(xml, (domain) => addStatsPeriod(domain, period));

/** Adds a NUMA cell if `<maxMemory>` requires one and there is none. */
export const withNumaCell = (xml: string): string => edited(xml, addNumaCell);

/** Sets these keys in oVirt's metadata and keeps all others. */
export const withMetadata = (xml: string, changes: OvirtMetadata): string =>
  edited(xml, (domain) => setMetadata(domain, changes));

/**
 * Sets the memory of a next-run configuration: boot memory, DIMMs and virtio-mem's requested sizes. Throws
 * DomainXmlError if `<maxMemory>`, devices or NUMA cells do not allow it.
 */
export const withMemory = (xml: string, memory: KiB): string =>
  edited(xml, (domain) => {
    // Sizes that libvirt would round up at the start add up to more than the wish.
    alignMemory(domain);
    resizeDomain(domain, memory);
  });

/** Copies the displays' passwords from `revealed`, the same domain's XML with secrets. */
export const withPasswords = (xml: string, revealed: string): string =>
  edited(xml, (domain) => {
    const displays = displaysOf(readDomain(revealed));
    for (const [index, display] of displaysOf(domain).entries()) {
      const password = displays[index]?.attributes.get('passwd');
      if (password !== undefined) display.attributes.set('passwd', password);
    }
  });

const displaysOf = (domain: Element): Element[] =>
  childrenNamed(find(domain, 'devices'), 'graphics');
