import { affect, errorCode, metadataType, type Domain } from '../../libvirt/index.ts';
import type { CallOptions, MetadataElement } from '../hypervisor.ts';
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
