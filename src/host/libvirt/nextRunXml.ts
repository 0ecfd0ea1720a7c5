import { withPasswords } from '../../domain-xml/edit.ts';
import { readDomain, uuidOf } from '../../domain-xml/parse.ts';
import { xmlFlag, type Client, type Domain } from '../../libvirt/index.ts';
import { HypervisorError, type CallOptions } from '../hypervisor.ts';
import { definable, isQemuConnection } from './definable.ts';

/** Returns the next-run configuration without secrets, or undefined for a transient domain. */
export async function nextRunXml(
  domain: Domain,
  options: CallOptions,
): Promise<string | undefined> {
  const [isKept, xml] = await Promise.all([
    domain.isPersistent(options),
    // For a transient domain libvirt returns the running configuration.
    domain.getXMLDesc(xmlFlag.inactive, options),
  ]);
  return isKept ? xml : undefined;
}

/**
 * Replaces the next-run configuration and keeps its current passwords. Throws HypervisorError if the XML describes
 * another domain, or if the domain is transient, as defining it would make it persistent.
 */
export async function setNextRunXml(
  client: Client,
  { uuid, xml }: { readonly uuid: string; readonly xml: string },
  options: CallOptions,
): Promise<void> {
  const described = uuidOf(readDomain(xml));
  if (described !== uuid) {
    throw new HypervisorError('invalid', `the XML describes domain ${described}, not ${uuid}`);
  }
  const isQemu = await isQemuConnection(client, options);
  const domain = client.control.domain(uuid);
  const revealed = await domain.getXMLDesc(xmlFlag.inactive | xmlFlag.secure, options);
  // Checked last: defining would bring back a domain that was undefined meanwhile.
  if (!(await domain.isPersistent(options))) {
    throw new HypervisorError('refused', `domain ${uuid} is transient and has no next run`);
  }
  await client.control.domainDefineXMLFlags(
    withPasswords(definable(xml, isQemu), revealed),
    0,
    options,
  );
}
