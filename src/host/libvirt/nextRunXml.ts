import { withPasswords } from '../../domain-xml/edit.ts';
import { textAt } from '../../domain-xml/element.ts';
import { checkedUuid } from '../../domain-xml/identifiers.ts';
import { readDomain } from '../../domain-xml/parse.ts';
import { xmlFlag, type Client, type Domain } from '../../libvirt/index.ts';
import { HypervisorError, type CallOptions } from '../hypervisor.ts';
import { definable, speaksToQemu } from './definable.ts';

/** What the next run begins with, without secrets; undefined for a transient domain. */
export async function nextRunXml(domain: Domain, bound: CallOptions): Promise<string | undefined> {
  const [isKept, xml] = await Promise.all([
    domain.isPersistent(bound),
    // of a transient domain what runs
    domain.getXmlDesc(xmlFlag.inactive, bound),
  ]);
  return isKept ? xml : undefined;
}

/**
 * Replaces what the next run begins with, with the passwords that it has now. Throws HypervisorError for another
 * domain's XML and where a transient domain would be made to last.
 */
export async function setNextRunXml(
  client: Client,
  { uuid, xml }: { readonly uuid: string; readonly xml: string },
  bound: CallOptions,
): Promise<void> {
  const described = checkedUuid(textAt(readDomain(xml), 'uuid') ?? '');
  if (described !== uuid) {
    throw new HypervisorError('invalid', `the XML describes domain ${described}, not ${uuid}`);
  }
  const isQemu = await speaksToQemu(client, bound);
  const domain = client.control.domain(uuid);
  const revealed = await domain.getXmlDesc(xmlFlag.inactive | xmlFlag.secure, bound);
  // Last, as what is undefined meanwhile would come back.
  if (!(await domain.isPersistent(bound))) {
    throw new HypervisorError('refused', `domain ${uuid} is transient and has no next run`);
  }
  await client.control.defineXml(withPasswords(definable(xml, isQemu), revealed), 0, bound);
}
