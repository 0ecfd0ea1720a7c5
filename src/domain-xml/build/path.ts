import { DomainXmlError } from '../types.ts';

/** The path itself; throws {@link DomainXmlError} unless it is absolute and free of control characters. */
export const checkedPath = (path: string, what: string): string => {
  if (path.startsWith('/') && !/[\p{Cc}\p{Cs}]/u.test(path)) return path;
  throw new DomainXmlError(`${what} must be absolute and without control characters; correct it`);
};
