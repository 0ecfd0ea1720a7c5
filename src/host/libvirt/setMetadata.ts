import {
  affect,
  errorCode,
  LibvirtError,
  metadataType,
  xmlFlag,
  type Domain,
} from '../../libvirt/index.ts';
import type { CallOptions, Hypervisor, MetadataElement } from '../hypervisor.ts';
import { firstThatFits } from './undefine.ts';

const IMPACTS = { live: affect.live, 'next-run': affect.config } as const;

/** Writes one metadata element, by default to both the running domain and the configuration, as far as they exist. */
export function setMetadata(
  domain: Domain,
  element: MetadataElement,
  options?: CallOptions,
): Promise<void> {
  const { prefix, uri, xml, where } = element;
  const metadata = { type: metadataType.element, metadata: xml, key: prefix, uri };
  const write = (flags: number) => domain.setMetadata(metadata, flags, options);
  if (where) return write(IMPACTS[where]);
  // A transient domain has no configuration, a stopped one has no live state.
  const impacts = [affect.live | affect.config, affect.live, affect.config] as const;
  return firstThatFits(impacts, [errorCode.operationInvalid], write);
}

/** Edits an element of the next run's metadata; returns false for a transient domain. */
export async function editNextRunMetadata(
  domain: Domain,
  edit: Parameters<Hypervisor['editNextRunMetadata']>[1],
  options?: CallOptions,
): Promise<boolean> {
  // For a transient domain libvirt returns the running configuration, and refuses the write.
  const element = edit(await domain.getXMLDesc(xmlFlag.inactive, options));
  try {
    await setMetadata(domain, { ...element, where: 'next-run' }, options);
    return true;
  } catch (error) {
    const isInvalid = error instanceof LibvirtError && error.code === errorCode.operationInvalid;
    if (isInvalid && !(await domain.isPersistent(options))) return false;
    throw error;
  }
}
