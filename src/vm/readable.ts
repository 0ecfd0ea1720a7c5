import { DomainXmlError } from '../domain-xml/types.ts';
import { HypervisorError } from '../host/hypervisor.ts';

/** Returns the result of `read`; throws HypervisorError for XML that cannot be read. */
export function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DomainXmlError)) throw cause;
    const message = `the XML of the domain cannot be read: ${cause.message}`;
    throw new HypervisorError('failed', message, { cause });
  }
}
