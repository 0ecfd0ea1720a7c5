import { type KiB, Seconds } from '../common/units.ts';
import { digest } from './digest.ts';
import { displaysOf } from './displays.ts';
import {
  childrenNamed,
  element,
  find,
  isComment,
  isElement,
  required,
  textAt,
  textOf,
  type Element,
} from './element.ts';
import { checkedUuid } from './identifiers.ts';
import { memoryDeviceOf } from './memoryDevice.ts';
import { metadataOf } from './metadata.ts';
import { pinningOf } from './pinning.ts';
import { parseCount, parseSize } from './quantity.ts';
import { readGivenXml } from './given.ts';
import { readXml } from './readXml.ts';
import { cpuSharesOf, cpuTuneOf } from './tuning.ts';
import { DomainXmlError, type Balloon, type Domain, type MemoryDevice } from './types.ts';

/** Parses the parts of a domain's XML that vmemd needs, with sizes in KiB; throws {@link DomainXmlError}. */
export const parseDomain = (xml: string): Domain => domainOf(readDomain(xml));

/** Parses the device of {@link readMemoryDevice}. */
export const parseMemoryDevice = (xml: string): MemoryDevice =>
  memoryDeviceOf(readMemoryDevice(xml));

/** Returns a client's single `<memory>` element, alone or in `<devices>`; throws {@link DomainXmlError}. */
export const readMemoryDevice = (xml: string): Element => {
  const root = readGivenXml(xml);
  const [memory, ...more] =
    root.name === 'devices' ? root.children.filter((node) => !isComment(node)) : [root];
  if (memory && more.length === 0 && isElement(memory) && memory.name === 'memory') return memory;
  throw new DomainXmlError('the device XML must be one <memory> element, alone or in <devices>');
};

/** Returns a document's `<domain>` element; throws {@link DomainXmlError}. */
export const readDomain = (xml: string): Element => asDomain(readXml(xml));

/** Like {@link readDomain}, for a client's document, which has to keep limits. */
export const readGivenDomain = (xml: string): Element => asDomain(readGivenXml(xml));

const asDomain = (root: Element): Element => {
  if (root.name === 'domain') return root;
  throw new DomainXmlError(`the XML describes a <${root.name}>; give a <domain>`);
};

/** The UUID of a parsed domain; throws {@link DomainXmlError} if it has none. */
export const uuidOf = (domain: Element): string => checkedUuid(textAt(domain, 'uuid') ?? '');

/** Like {@link parseDomain}, for a parsed domain. */
export const domainOf = (domain: Element): Domain => {
  const devices = find(domain, 'devices') ?? element('devices');
  const minGuarantee = sizeAt(domain, 'memtune', 'min_guarantee');
  const balloon = balloonOf(devices);
  const metadata = metadataOf(domain);
  const cpuTune = cpuTuneOf(domain);
  const cpuShares = cpuSharesOf(domain);
  const pinned = pinningOf(domain, devices);
  const displays = displaysOf(devices);
  return {
    uuid: uuidOf(domain),
    name: nameOf(domain),
    ...runOf(domain),
    type: required(domain, 'type'),
    ...osOf(domain),
    vcpus: vcpusOf(domain).current,
    hasAcpi: find(domain, 'features', 'acpi') !== undefined,
    ...memoryOf(domain),
    numaCells: childrenNamed(find(domain, 'cpu', 'numa'), 'cell').length,
    memoryDevices: childrenNamed(devices, 'memory').map(memoryDeviceOf),
    devicesHash: digest(devices),
    ...(minGuarantee !== undefined && { minGuarantee }),
    ...(balloon && { balloon }),
    ...(metadata && { metadata }),
    ...(cpuTune && { cpuTune }),
    ...(cpuShares !== undefined && { cpuShares }),
    ...(pinned && { pinned }),
    ...(displays.length > 0 && { displays }),
  };
};

const osOf = (domain: Element): Pick<Domain, 'arch' | 'machine'> => {
  const os = find(domain, 'os', 'type')?.attributes;
  return { arch: os?.get('arch') ?? '', machine: os?.get('machine') ?? '' };
};

const runOf = (domain: Element): Pick<Domain, 'run'> => {
  const run = domain.attributes.get('id');
  return run === undefined ? {} : { run };
};

/** The current and the maximum number of virtual CPUs. */
export const vcpusOf = (
  domain: Element,
): { readonly current: number; readonly maximum: number } => {
  const maximum = parseCount(textAt(domain, 'vcpu') ?? '1', '<vcpu>');
  const current = find(domain, 'vcpu')?.attributes.get('current');
  return {
    maximum,
    current: current === undefined ? maximum : parseCount(current, "<vcpu>'s current"),
  };
};

/** The size at the end of a path, in KiB; undefined if the element is missing or empty. */
export const sizeAt = (domain: Element, ...path: readonly string[]): KiB | undefined => {
  const found = find(domain, ...path);
  const text = found && textOf(found);
  if (!found || !text) return undefined;
  return parseSize(text, found.attributes.get('unit'), `<${found.name}>`);
};

const nameOf = (domain: Element): string => {
  const name = find(domain, 'name');
  return name ? textOf(name) : '';
};

const memoryOf = (
  domain: Element,
): Pick<Domain, 'memory' | 'currentMemory'> & Partial<Pick<Domain, 'maxMemory'>> => {
  const memory = sizeAt(domain, 'memory');
  if (memory === undefined) throw new DomainXmlError('the domain has no <memory>; give its memory');
  const currentMemory = sizeAt(domain, 'currentMemory') ?? memory;
  const size = sizeAt(domain, 'maxMemory');
  if (size === undefined) return { memory, currentMemory };
  const slots = find(domain, 'maxMemory')?.attributes.get('slots') ?? '0';
  const maxMemory = { size, slots: parseCount(slots, "<maxMemory>'s slots") };
  return { memory, currentMemory, maxMemory };
};

const balloonOf = (devices: Element): Balloon | undefined => {
  const [memballoon, ...more] = childrenNamed(devices, 'memballoon');
  if (more.length > 0) throw new DomainXmlError('the domain has two <memballoon>; keep one');
  if (!memballoon) return undefined;
  const period = find(memballoon, 'stats')?.attributes.get('period');
  const autodeflate = memballoon.attributes.get('autodeflate');
  const freePageReporting = memballoon.attributes.get('freePageReporting');
  return {
    model: required(memballoon, 'model'),
    ...(period !== undefined && {
      statsPeriod: Seconds(parseCount(period, "<stats>'s period")),
    }),
    ...(autodeflate !== undefined && { autodeflate: autodeflate === 'on' }),
    ...(freePageReporting !== undefined && { freePageReporting: freePageReporting === 'on' }),
  };
};
