import { canonicalUuid } from '../common/uuid.ts';
import { DomainXmlError } from './types.ts';

// libvirt stores each domain as <name>.xml, and file names have at most 255 bytes.
const MAX_NAME_BYTES = 251;

/** Returns the name of a new VM; throws {@link DomainXmlError} if libvirt or vmemd refuses it. */
export const checkedName = (name: string): string => {
  if (name.trim() === '') throw new DomainXmlError('the name is empty; give the VM a name');
  if (/[\p{Cc}\p{Cs}/]/u.test(name)) {
    throw new DomainXmlError('the name holds a control character or "/"; leave those out');
  }
  if (/^\.\.?$/.test(name)) {
    throw new DomainXmlError(`the name is "${name}", which names a folder; give another`);
  }
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    throw new DomainXmlError(`the name is longer than ${String(MAX_NAME_BYTES)} bytes; shorten it`);
  }
  return name;
};

/** Returns the UUID in lower case with hyphens; throws {@link DomainXmlError} if libvirt would refuse it. */
export const checkedUuid = (text: string): string => {
  if (text === '') throw new DomainXmlError('the domain has no <uuid>; give it one');
  const uuid = canonicalUuid(text);
  if (uuid !== undefined) return uuid;
  throw new DomainXmlError(`"${text}" is not a UUID; give 32 hexadecimal digits in five groups`);
};
