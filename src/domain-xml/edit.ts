import type { KiB, Seconds } from '../common/units.ts';
import { addNumaCell, addStatsPeriod, dropMinGuarantee, setMinGuarantee } from './changes.ts';
import { childrenNamed, find, type Element } from './element.ts';
import { setMetadata } from './metadata.ts';
import { readDomain } from './parse.ts';
import { resizeDomain } from './resizeDomain.ts';
import type { OvirtMetadata } from './types.ts';
import { writeXml } from './writeXml.ts';

// Each of these takes a domain's XML and gives it back changed in that one thing, laid out anew;
// each throws DomainXmlError for XML that cannot be read.

/** The domain with that change. */
export const edited = (xml: string, change: (domain: Element) => void): string => {
  const domain = readDomain(xml);
  change(domain);
  return writeXml(domain);
};

/** With `<memtune><min_guarantee>` of that size. */
export const withMinGuarantee = (xml: string, size: KiB): string =>
  edited(xml, (domain) => setMinGuarantee(domain, size));

/** Without `<min_guarantee>`, nor a `<memtune>` that held nothing else. */
export const withoutMinGuarantee = (xml: string): string => edited(xml, dropMinGuarantee);

/** With a statistics period where a balloon has none; a period of 0 or less changes nothing. */
export const withStatsPeriod = (xml: string, period: Seconds): string =>
  edited(xml, (domain) => addStatsPeriod(domain, period));

/** With a NUMA cell where `<maxMemory>` asks for one and none is there. */
export const withNumaCell = (xml: string): string => edited(xml, addNumaCell);

/** With these keys in oVirt's metadata, all others kept. */
export const withMetadata = (xml: string, changes: OvirtMetadata): string =>
  edited(xml, (domain) => setMetadata(domain, changes));

/**
 * Beginning with that much memory, as the configuration of a next run: boot memory, DIMMs and what virtio-mem is asked
 * for; throws DomainXmlError where `<maxMemory>`, devices or NUMA cells do not allow it.
 */
export const withMemory = (xml: string, memory: KiB): string =>
  edited(xml, (domain) => resizeDomain(domain, memory));

/** With the passwords of displays that `revealed` shows, the same domain as libvirt tells it with its secrets. */
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
