import type { KiB, Seconds } from '../units.ts';
import {
  addMemoryDevice,
  addNumaCell,
  addStatsPeriod,
  dropMemoryDevice,
  dropMinGuarantee,
  setMinGuarantee,
  setSize,
} from './changes.ts';
import type { Element } from './element.ts';
import { setMetadata } from './metadata.ts';
import { readDomain } from './parse.ts';
import type { MemoryDevice, OvirtMetadata } from './types.ts';
import { writeXml } from './writeXml.ts';

// Each of these takes a domain's XML and gives it back changed in that one thing, laid out anew;
// each throws DomainXmlError for XML that cannot be read.

const edited = (xml: string, change: (domain: Element) => void): string => {
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

/** With that device, and its size in `<memory>` and `<currentMemory>`, as in live XML after a plug. */
export const withMemoryDevice = (xml: string, device: MemoryDevice): string =>
  edited(xml, (domain) => addMemoryDevice(domain, device));

/** As live XML after an unplug; throws DomainXmlError if no memory device has the alias. */
export const withoutMemoryDevice = (xml: string, alias: string): string =>
  edited(xml, (domain) => dropMemoryDevice(domain, alias));

/** With what the balloon leaves now. */
export const withCurrentMemory = (xml: string, size: KiB): string =>
  edited(xml, (domain) => setSize(domain, 'currentMemory', size, 'memory', 'maxMemory'));
