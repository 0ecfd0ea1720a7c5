import { buildDomain } from '../../domain-xml/build/build.ts';
import type { Element } from '../../domain-xml/element.ts';
import { checkExtent, checkLength } from '../../domain-xml/extent.ts';
import { setMetadata } from '../../domain-xml/metadata.ts';
import { domainOf, readDomain } from '../../domain-xml/parse.ts';
import { prepareDomain } from '../../domain-xml/prepare.ts';
import { type Domain, DomainXmlError, type OvirtMetadata } from '../../domain-xml/types.ts';
import { writeXml } from '../../domain-xml/writeXml.ts';
import { VdsmError } from '../../common/errors.ts';
import { balloonableMemory, balloonCurrent } from '../../memory/balloon.ts';
import type { Typed } from '../../common/typed.ts';
import type { Seconds } from '../../common/units.ts';
import type { VmParameters as VmParametersSchema } from '../../../schema/vmParameters.ts';

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

interface Draft {
  readonly root: Element;
  readonly domain: Domain;
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
  const { xml } = parameters;
  const { root, domain } =
    xml === undefined ?
      refuseAs('CannotCreateVM', () =>
        understood(buildDomain(parameters, { uuid: id.toLowerCase(), ...settings })),
      )
    : refuseAs('GeneralException', () => read(xml));
  return refuseAs('CannotCreateVM', () => {
    if (xml !== undefined) prepareDomain(root, domain, settings);
    setMetadata(root, ownMetadata(domain));
    return { xml: written(root), paused: domain.metadata?.launchPaused ?? false };
  });
}

function read(xml: string): Draft {
  checkExtent(xml);
  return understood(readDomain(xml));
}

const understood = (root: Element): Draft => ({ root, domain: domainOf(root) });

// Layout and references can make it longer than it came.
function written(root: Element): string {
  const xml = writeXml(root);
  checkLength(xml);
  return xml;
}

/** Our mark, and our own words anew: what came with a copy of another VM's metadata is not about this one. */
function ownMetadata(domain: Domain): OvirtMetadata {
  const { uuid, metadata } = domain;
  const memory = balloonableMemory(domain);
  const balloonTarget = balloonCurrent(domain);
  // A balloon that starts inflated is asked for that target; the live XML tells only how far it has got.
  const hasTarget = balloonTarget < memory || metadata?.balloonTarget !== undefined;
  return {
    ownedUuid: uuid,
    ...(hasTarget && { balloonTarget, balloonTargetMemory: memory }),
    ...(metadata?.memoryJobs !== undefined && { memoryJobs: '' }),
  };
}

function refuseAs<T>(name: 'GeneralException' | 'CannotCreateVM', read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DomainXmlError)) throw cause;
    throw new VdsmError(name, cause.message, { cause });
  }
}
