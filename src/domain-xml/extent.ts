import { DomainXmlError } from './types.ts';

const MOST_CHARACTERS = 256 * 1024;
// Far more than a VM with all its devices needs, and read within a few dozen milliseconds.
const MOST_PARTS = 5000;

/**
 * Throws {@link DomainXmlError} for more text, or more elements, comments and attributes, than a domain may have that a
 * client sends, before any work is spent on reading it; what looks like an element inside text counts too.
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

/** Throws {@link DomainXmlError} for more text than a domain of a client may have. */
export const checkLength = (xml: string): void => {
  if (xml.length > MOST_CHARACTERS) {
    throw new DomainXmlError('the XML is longer than 256 KiB when laid out; shorten it');
  }
};
