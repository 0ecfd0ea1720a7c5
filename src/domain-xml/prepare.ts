import { KiB, toKiB, type Seconds } from '../common/units.ts';
import { addNumaCell, addStatsPeriod, setMinGuarantee } from './changes.ts';
import { element, find, place, type Element } from './element.ts';
import { fittingGuarantee } from './guarantee.ts';
import { checkMetadata, guaranteeOf } from './metadata.ts';
import { DomainXmlError, type Domain } from './types.ts';

/**
 * Prepares a client's domain for definition: adds a NUMA cell for DIMMs, the guarantee of its metadata and a statistics
 * period where they are missing, and keeps everything else; throws {@link DomainXmlError}.
 */
export const prepareDomain = (
  root: Element,
  domain: Domain,
  options: { readonly statsPeriod: Seconds },
): void => {
  checkMetadata(root);
  const promised = guaranteeOf(domain.metadata);
  const guarantee = domain.minGuarantee ?? (promised && toKiB(promised));
  checkGuarantee(domain, KiB(Math.max(domain.minGuarantee ?? 0, promised ? toKiB(promised) : 0)));
  if (guarantee) setMinGuarantee(root, KiB(Math.min(guarantee, domain.memory)));
  addNumaCell(root);
  if (!domain.balloon && options.statsPeriod > 0) addBalloon(root);
  addStatsPeriod(root, options.statsPeriod);
};

const checkGuarantee = ({ memory }: Domain, guarantee: KiB): void => {
  if (fittingGuarantee(guarantee, memory) === undefined) {
    throw new DomainXmlError(
      `the guarantee of ${String(guarantee)} KiB is above the memory of ${String(memory)} KiB; lower it`,
    );
  }
};

// libvirt adds this balloon to QEMU domains anyway, but without a statistics period.
const addBalloon = (domain: Element): void => {
  const devices = find(domain, 'devices');
  const type = domain.attributes.get('type');
  if (devices && (type === 'kvm' || type === 'qemu')) {
    place(devices, element('memballoon', { model: 'virtio' }));
  }
};
