import { DomainXmlError } from './types.ts';

// libvirt stores each domain as <name>.xml, and file names have at most 255 bytes.
const MAX_NAME_BYTES = 251;

/** Returns the name; throws {@link DomainXmlError} if libvirt would refuse it. */
export const checkedName = (name: string): string => {
  if (name.trim() === '') throw new DomainXmlError('the name is empty; give the VM a name');
  if (/[\p{Cc}\p{Cs}/]/u.test(name)) {
    throw new DomainXmlError('the name holds a control character or "/"; leave those out');
  }
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    throw new DomainXmlError(`the name is longer than ${String(MAX_NAME_BYTES)} bytes; shorten it`);
  }
  return name;
};

/** Returns the UUID in lower case with hyphens; throws {@link DomainXmlError} if it is invalid. */
export const checkedUuid = (text: string): string => {
  if (text === '') throw new DomainXmlError('the domain has no <uuid>; give it one');
  const digits = text.replace(/-/g, '').toLowerCase();
  if (!/^[\da-f]{32}$/.test(digits)) {
    throw new DomainXmlError(`"${text}" is not a UUID; give 32 hexadecimal digits in five groups`);
  }
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
