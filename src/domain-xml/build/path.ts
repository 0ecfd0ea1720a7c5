import { DomainXmlError } from '../types.ts';

/** Returns the path; throws {@link DomainXmlError} unless it is absolute and without control characters. */
export const checkedPath = (path: string, what: string): string => {
  if (path.startsWith('/') && !/[\p{Cc}\p{Cs}]/u.test(path)) return path;
  throw new DomainXmlError(`${what} must be absolute and without control characters; correct it`);
};
