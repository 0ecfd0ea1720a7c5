import { elementsOf, type Element } from './element.ts';
import { readXml } from './readXml.ts';
import { DomainXmlError } from './types.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_NAMESPACE = 256;

/**
 * Returns the root element of a client's document; throws {@link DomainXmlError} for malformed XML, and for what vmemd
 * does not take from a client: XML above 1 MiB, DOCTYPEs, long namespaces.
 */
export const readGivenXml = (xml: string): Element => {
  if (xml.length > MAX_BYTES || new TextEncoder().encode(xml).length > MAX_BYTES) {
    throw new DomainXmlError('the XML is larger than 1 MiB; shorten it');
  }
  if (/<!DOCTYPE/i.test(xml)) throw new DomainXmlError('the XML has a DOCTYPE; remove it');
  const root = readXml(xml);
  checkNamespaces(root);
  return root;
};

// Written metadata repeat foreign namespaces in each of their elements.
const checkNamespaces = (parent: Element): void => {
  for (const [key, value] of parent.attributes) {
    if (/^xmlns(:|$)/.test(key) && value.length > MAX_NAMESPACE) {
      throw new DomainXmlError(
        `${key} is longer than ${String(MAX_NAMESPACE)} characters; shorten that namespace`,
      );
    }
  }
  for (const child of elementsOf(parent)) checkNamespaces(child);
};
