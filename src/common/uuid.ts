// libvirt skips hyphens and blanks in front of each byte, but not within one.
const LIBVIRT_UUID = /^(?:[- ]*[\da-f]{2}){16}$/i;

/** As most clients send it. */
const CANONICAL = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Returns a UUID in lower case with hyphens, from any form that libvirt reads; undefined for other text. */
export const canonicalUuid = (text: string): string | undefined =>
  CANONICAL.test(text) ? text
  : LIBVIRT_UUID.test(text.trim()) ?
    text
      .replace(/[-\s]/g, '')
      .toLowerCase()
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  : undefined;
