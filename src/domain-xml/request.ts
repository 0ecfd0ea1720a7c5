import type { KiB } from '../common/units.ts';
import { setSize } from './changes.ts';
import { childrenNamed, find } from './element.ts';
import { readDomain } from './parse.ts';
import { DomainXmlError } from './types.ts';
import { writeXml } from './writeXml.ts';

/**
 * Returns the virtio-mem device with this alias and a new `<requested>`, for libvirt's updateDevice; throws {@link
 * DomainXmlError} if there is none.
 */
export const requestXml = (domainXml: string, alias: string, requested: KiB): string => {
  const device = childrenNamed(find(readDomain(domainXml), 'devices'), 'memory').find(
    (memory) => find(memory, 'alias')?.attributes.get('name') === alias,
  );
  const target = device && find(device, 'target');
  if (!target || device.attributes.get('model') !== 'virtio-mem') {
    throw new DomainXmlError(
      `no virtio-mem device has the alias "${alias}"; name one of the domain's`,
    );
  }
  setSize(target, 'requested', requested, 'size', 'node', 'block');
  return writeXml(device);
};
