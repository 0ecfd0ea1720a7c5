import { DomainXmlError } from './types.ts';

const MOST_CHARACTERS = 256 * 1024;
// Far more than a VM with all its devices needs; readXml takes a few dozen milliseconds for it.
const MOST_PARTS = 5000;

/**
 * Throws {@link DomainXmlError} if a client's domain has too much text or too many elements, comments and attributes,
 * before it is parsed. Text that looks like an element counts, too.
 */
export const checkExtent = (xml: string): void => {
  checkLength(xml);
  const parts = xml.matchAll(/<[^/]|=\s*["']/g);
  for (let count = 0; !parts.next().done;) {
    if (++count > MOST_PARTS) {
      throw new DomainXmlError(
        `the XML has more than ${String(MOST_PARTS)} elements and attributes; leave some out`,
      );
    }
  }
};

/** Throws {@link DomainXmlError} if a client's domain has too much text. */
export const checkLength = (xml: string): void => {
  if (xml.length > MOST_CHARACTERS) {
    throw new DomainXmlError('the XML is longer than 256 KiB when laid out; shorten it');
  }
};
