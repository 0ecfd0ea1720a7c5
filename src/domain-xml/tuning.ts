import { element, elementsOf, find, textAt, textOf, type Element } from './element.ts';
import { findNamed, localName, scopeWithin } from './namespaces.ts';
import { OVIRT_TUNE } from './metadata.ts';
import { DomainXmlError, type CpuTune } from './types.ts';
import { readXml } from './readXml.ts';
import { writeXml } from './writeXml.ts';

/** The CPU limits of a domain: what the hypervisor enforces, and the share that its policy leaves it; undefined without any. */
export const cpuTuneOf = (domain: Element): CpuTune | undefined => {
  const quota = wholeAt(domain, 'quota');
  const period = wholeAt(domain, 'period');
  const userLimit = userLimitOf(domain);
  if (quota === undefined && period === undefined && userLimit === undefined) return undefined;
  return {
    ...(quota !== undefined && { quota }),
    ...(period !== undefined && { period }),
    ...(userLimit !== undefined && { userLimit }),
  };
};

const wholeAt = (domain: Element, name: string): number | undefined => {
  const text = textAt(domain, 'cputune', name);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw new DomainXmlError(`<${name}> is "${text}"; give whole microseconds`);
  }
  return Number(text);
};

const qosOf = (domain: Element): Element | undefined => {
  const metadata = find(domain, 'metadata');
  return (
    metadata &&
    findNamed(metadata, scopeWithin(metadata, scopeWithin(domain)), OVIRT_TUNE.uri, 'qos')
  );
};

const limitIn = (qos: Element): Element | undefined =>
  elementsOf(qos).find(({ name }) => localName(name) === 'vcpuLimit');

const userLimitOf = (domain: Element): number | undefined => {
  const qos = qosOf(domain);
  const limit = qos && limitIn(qos);
  const text = limit && textOf(limit).trim();
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
};

/**
 * oVirt's `<qos>` element with that share of CPU in percent, or none, and its other parts kept, as libvirt's
 * setMetadata takes it beside {@link OVIRT_TUNE}'s prefix and URI.
 */
export const editedQos = (domainXml: string, userLimit: number | undefined): string => {
  const qos = qosOf(readXml(domainXml));
  const others = qos ? elementsOf(qos).filter((child) => child !== limitIn(qos)) : [];
  return writeXml(
    element(
      'qos',
      {},
      ...others.map((child) => ({ ...child, name: localName(child.name) })),
      userLimit === undefined ? undefined : element('vcpuLimit', {}, userLimit),
    ),
  );
};
