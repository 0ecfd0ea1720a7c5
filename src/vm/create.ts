import { buildDomain } from '../domain-xml/build.ts';
import { withMetadata } from '../domain-xml/edit.ts';
import { prepareDomain } from '../domain-xml/prepare.ts';
import { parseDomain } from '../domain-xml/parse.ts';
import { type Domain, DomainXmlError, type OvirtMetadata } from '../domain-xml/types.ts';
import { VdsmError } from '../errors.ts';
import type { Typed } from '../schema.ts';
import type { Seconds } from '../units.ts';
import type { VmParameters as VmParametersSchema } from '../../schema/vmParameters.ts';

export type VmParameters = Typed<typeof VmParametersSchema>;

/** What of the configuration goes into a new domain. */
export interface BuildSettings {
  /** 0 or less: no statistics. */
  readonly statsPeriod: Seconds;
  readonly autodeflate: boolean;
  readonly freePageReporting: boolean;
  readonly domainType: 'kvm' | 'qemu' | 'test';
  readonly arch: string;
}

export interface NewDomain {
  readonly xml: string;
  readonly paused: boolean;
}

/**
 * The domain that VM.create's params ask for, marked as ours. Throws GeneralException for XML that cannot be read
 * (VDSM's code) and CannotCreateVM for a VM that cannot be.
 */
export function newDomain(
  id: string,
  parameters: VmParameters,
  settings: BuildSettings,
): NewDomain {
  const given = parameters.xml;
  if (given !== undefined) refuseAs('GeneralException', () => parseDomain(given));
  return refuseAs('CannotCreateVM', () => {
    const xml =
      given === undefined ?
        buildDomain(parameters, { uuid: id.toLowerCase(), ...settings })
      : prepareDomain(given, settings);
    const domain = parseDomain(xml);
    return {
      xml: withMetadata(xml, { external: false, ...firstTarget(domain) }),
      paused: domain.metadata?.launchPaused ?? false,
    };
  });
}

/** A balloon that starts inflated is asked for that target; the live XML tells only how far it has got. */
const firstTarget = ({ memory, currentMemory, metadata }: Domain): OvirtMetadata =>
  currentMemory < memory || metadata?.balloonTarget !== undefined ?
    { balloonTarget: currentMemory }
  : {};

function refuseAs<T>(name: 'GeneralException' | 'CannotCreateVM', read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DomainXmlError)) throw cause;
    throw new VdsmError(name, cause.message, { cause });
  }
}
