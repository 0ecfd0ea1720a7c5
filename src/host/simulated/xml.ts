import { setSize } from '../../domain-xml/changes.ts';
import { edited } from '../../domain-xml/edit.ts';
import {
  childrenNamed,
  element,
  type Element,
  elementsOf,
  find,
  isElement,
  place,
  remove,
  setText,
  textAt,
} from '../../domain-xml/element.ts';
import { isUserAlias } from '../../domain-xml/alias.ts';
import { memoryElement, type MemoryDeviceDescription } from '../../domain-xml/memoryDevice.ts';
import { namespaceOf, scopeWithin } from '../../domain-xml/namespaces.ts';
import { normalizeDomain } from '../../domain-xml/normalize.ts';
import { readDomain } from '../../domain-xml/parse.ts';
import { readXml, xmlText } from '../../domain-xml/readXml.ts';
import { DomainXmlError } from '../../domain-xml/types.ts';
import type { KiB, Seconds } from '../../common/units.ts';
import { completeMachine } from './machineTypes.ts';
import { type CpuLimits, HypervisorError, type MetadataElement } from '../hypervisor.ts';

/** Returns the result of `work`; a DomainXmlError is thrown as HypervisorError `invalid`. */
export function convertXmlErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DomainXmlError)) throw error;
    throw new HypervisorError('invalid', `XML error: ${error.message}`, { cause: error });
  }
}

/**
 * Returns the domain as libvirt stores it for the next run: with a UUID, a machine type, a balloon and its memory sizes,
 * without id and runtime aliases.
 */
export const completed = (xml: string, newUuid: () => string): string =>
  edited(xml, (domain) => {
    domain.attributes.delete('id');
    if (!textAt(domain, 'uuid')) {
      for (const empty of childrenNamed(domain, 'uuid')) remove(domain, empty);
      place(domain, element('uuid', {}, newUuid()), 'name');
    }
    normalizeDomain(domain);
    completeMachine(domain);
    const devices = find(domain, 'devices') ?? element('devices');
    if (!domain.children.includes(devices)) place(domain, devices);
    if (!find(devices, 'memballoon')) place(devices, element('memballoon', { model: 'virtio' }));
    for (const device of elementsOf(devices)) dropGivenAlias(device);
  });

function dropGivenAlias(device: Element): void {
  const alias = find(device, 'alias');
  if (alias && !isUserAlias(alias.attributes.get('name'))) remove(device, alias);
}

/** The guest's kernel command line. */
export const commandLineOf = (xml: string): string =>
  textAt(readDomain(xml), 'os', 'cmdline') ?? '';

/** Replaces the domain's memory devices. */
export const withMemoryDevices = (
  xml: string,
  wanted: readonly MemoryDeviceDescription[],
): string => edited(xml, (domain) => setMemoryDevices(domain, wanted));

function setMemoryDevices(domain: Element, wanted: readonly MemoryDeviceDescription[]): void {
  const devices = find(domain, 'devices');
  if (!devices) return;
  for (const old of childrenNamed(devices, 'memory')) remove(devices, old);
  for (const device of wanted) place(devices, memoryElement(device), 'memory');
}

/** State of a running domain that changes too often to be kept in its XML. */
export interface LiveFacts {
  readonly id: number;
  readonly memory: KiB;
  readonly current: KiB;
  readonly period: Seconds;
  readonly devices: readonly MemoryDeviceDescription[];
}

/** Returns the XML as libvirt shows it while the domain runs. */
export const withLiveFacts = (xml: string, facts: LiveFacts): string =>
  edited(xml, (domain) => {
    const { id, memory, current, period, devices } = facts;
    domain.attributes.set('id', String(id));
    setMemoryDevices(domain, devices);
    setSize(domain, 'memory', memory);
    setSize(domain, 'currentMemory', current, 'memory');
    const balloon = find(domain, 'devices', 'memballoon');
    const stats = balloon && find(balloon, 'stats');
    if (stats) remove(balloon, stats);
    if (balloon && period > 0) place(balloon, element('stats', { period }));
  });

/** Replaces the domain's CPU limits; 0 removes a limit. */
export const withCpuLimits = (xml: string, limits: CpuLimits): string =>
  edited(xml, (domain) => {
    const cpuTune = find(domain, 'cputune') ?? element('cputune');
    if (!domain.children.includes(cpuTune)) place(domain, cpuTune, 'vcpu');
    for (const [name, value] of Object.entries(limits)) {
      const old = find(cpuTune, name);
      if (old) remove(cpuTune, old);
      if (value !== 0) place(cpuTune, element(name, {}, value));
    }
  });

/** Gives the domain another name; libvirt leaves out the characters that XML does not allow. */
export const withName = (xml: string, name: string): string =>
  edited(xml, (domain) => {
    const element = find(domain, 'name');
    if (element) setText(element, xmlText(name));
  });

/** Adds or replaces the metadata element of that namespace, prefixed as libvirt does. */
export const withMetadataElement = (xml: string, added: MetadataElement): string =>
  edited(xml, (domain) => {
    const { prefix, uri } = added;
    const metadata = find(domain, 'metadata') ?? element('metadata');
    if (!domain.children.includes(metadata)) place(domain, metadata, 'name', 'uuid', 'description');
    const scope = scopeWithin(metadata, scopeWithin(domain));
    for (const old of elementsOf(metadata)) {
      if (namespaceOf(old, scope) === uri) remove(metadata, old);
    }
    const content = prefixed(readXml(added.xml), prefix);
    content.attributes.set(`xmlns:${prefix}`, uri);
    place(metadata, content);
  });

const prefixed = (node: Element, prefix: string): Element =>
  node.name.includes(':') || node.attributes.has('xmlns') ?
    node
  : {
      name: `${prefix}:${node.name}`,
      attributes: node.attributes,
      children: node.children.map((child) => (isElement(child) ? prefixed(child, prefix) : child)),
    };
