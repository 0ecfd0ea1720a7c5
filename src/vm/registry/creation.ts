import { buildDomain } from '../../domain-xml/build/build.ts';
import type { Element } from '../../domain-xml/element.ts';
import { checkExtent, checkLength } from '../../domain-xml/extent.ts';
import { checkedName } from '../../domain-xml/identifiers.ts';
import { dropCopied, setMetadata } from '../../domain-xml/metadata.ts';
import { normalizeDomain } from '../../domain-xml/normalize.ts';
import { domainOf, readGivenDomain, uuidOf } from '../../domain-xml/parse.ts';
import { privilegedPart } from '../../domain-xml/privileged.ts';
import { prepareDomain } from '../../domain-xml/prepare.ts';
import { type Domain, DomainXmlError, type OvirtMetadata } from '../../domain-xml/types.ts';
import { writeXml } from '../../domain-xml/writeXml.ts';
import { VdsmError } from '../../common/errors.ts';
import type { BalloonStory } from '../../memory/balloonStory.ts';
import { balloonableMemory, balloonCurrent } from '../../memory/balloon.ts';
import type { Typed } from '../../common/typed.ts';
import type { Seconds } from '../../common/units.ts';
import type { VmParameters as VmParametersSchema } from '../../../schema/vmParameters.ts';

export type VmParameters = Typed<typeof VmParametersSchema>;

/** The configuration's values for new domains. */
export interface BuildSettings {
  /** 0 or less: no statistics. */
  readonly statsPeriod: Seconds;
  readonly autodeflate: boolean;
  readonly freePageReporting: boolean;
  readonly domainType: 'kvm' | 'qemu' | 'test';
  readonly arch: string;
  /** Folders of the files that a VM may use if its author may not do everything. */
  readonly folders: readonly string[];
}

interface Draft {
  readonly root: Element;
  readonly domain: Domain;
}

/** Whose VM it is. */
export interface Author {
  /** Whether the author may do everything on this host, so that the VM may too. */
  readonly isTrusted?: boolean;
}

export interface NewDomain {
  readonly xml: string;
  readonly paused: boolean;
}

/**
 * Returns the domain for VM.create's params, with vmemd's mark. Throws GeneralException (VDSM's code) for XML that
 * cannot be read, CannotCreateVM for params that make no valid VM, and AccessDenied for a VM that could do more than its
 * author.
 */
export function newDomain(
  id: string,
  parameters: VmParameters,
  settings: BuildSettings,
  { isTrusted = false }: Author = {},
): NewDomain {
  const { xml } = parameters;
  const { root, domain } =
    xml === undefined ?
      refuseAs('CannotCreateVM', () =>
        understood(buildDomain(parameters, { uuid: id.toLowerCase(), ...settings })),
      )
    : refuseAs('GeneralException', () => read(xml));
  if (!isTrusted) refusePrivileged(root, settings.folders);
  return refuseAs('CannotCreateVM', () => {
    if (xml !== undefined) prepareDomain(root, domain, settings);
    setMetadata(root, ownMetadata(domain));
    return { xml: written(root), paused: domain.metadata?.launchPaused ?? false };
  });
}

function refusePrivileged(root: Element, folders: readonly string[]): void {
  const part = privilegedPart(root, folders);
  if (part === undefined) return;
  throw new VdsmError(
    'AccessDenied',
    `${part} is root-equivalent and needs the class admin; leave it out, or add its folder to [access] vm_folders`,
  );
}

function read(xml: string): Draft {
  checkExtent(xml);
  const root = readGivenDomain(xml);
  normalizeDomain(root);
  return understood(root);
}

function understood(root: Element): Draft {
  dropCopied(root, uuidOf(root));
  const domain = domainOf(root);
  checkedName(domain.name);
  return { root, domain };
}

// Indentation and character references can make the XML longer than the client's.
function written(root: Element): string {
  const xml = writeXml(root);
  checkLength(xml);
  return xml;
}

const STARTED = JSON.stringify({ by: 'start' } satisfies BalloonStory);

/** Returns vmemd's mark and own metadata; they replace those in XML copied from another VM. */
function ownMetadata(domain: Domain): OvirtMetadata {
  const { uuid, metadata } = domain;
  const memory = balloonableMemory(domain);
  const balloonTarget = balloonCurrent(domain);
  // A VM that starts with an inflated balloon needs its target stored: the live XML has only the current size.
  const hasTarget = balloonTarget < memory || metadata?.balloonTarget !== undefined;
  return {
    ownedUuid: uuid,
    ...(hasTarget && { balloonTarget, balloonTargetMemory: memory, balloonStory: STARTED }),
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
