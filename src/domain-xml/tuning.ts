import { element, elementsOf, find, remove, textAt, textOf, type Element } from './element.ts';
import { findNamed, localName, scopeWithin, unprefixed, type Scope } from './namespaces.ts';
import { OVIRT_TUNE } from './metadata.ts';
import { DomainXmlError, type CpuTune, type Domain } from './types.ts';
import { readXml } from './readXml.ts';
import { writeXml } from './writeXml.ts';

/** A domain's CPU limits: those that the hypervisor enforces, and the policy's share; undefined without any. */
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

/** A domain's CPU shares; undefined without any. */
export const cpuSharesOf = (domain: Element): number | undefined => {
  const text = textAt(domain, 'cputune', 'shares')?.trim();
  return text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : undefined;
};

/** A domain's quota and period in microseconds: where the XML has none, the kernel's own, which limit nothing. */
export const cpuLimitsInForce = ({ cpuTune = {} }: Pick<Domain, 'cpuTune'>) => {
  const { quota = UNLIMITED, period = USUAL_PERIOD } = cpuTune;
  return { quota, period };
};

const UNLIMITED = -1;
const USUAL_PERIOD = 100_000;

const wholeAt = (domain: Element, name: string): number | undefined => {
  const text = textAt(domain, 'cputune', name);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) {
    throw new DomainXmlError(`<${name}> is "${text}"; give whole microseconds`);
  }
  // Older versions of libvirt accept quotas above any safe number, which limit nothing.
  return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
};

interface Place {
  readonly qos: Element;
  readonly outer: Scope;
}

const locate = (domain: Element): Place | undefined => {
  const metadata = find(domain, 'metadata');
  if (!metadata) return undefined;
  const outer = scopeWithin(metadata, scopeWithin(domain));
  const qos = findNamed(metadata, outer, OVIRT_TUNE.uri, 'qos');
  return qos && { qos, outer };
};

const limitIn = (qos: Element): Element | undefined =>
  elementsOf(qos).find(({ name }) => localName(name) === 'vcpuLimit');

const userLimitOf = (domain: Element): number | undefined => {
  const place = locate(domain);
  const limit = place && limitIn(place.qos);
  const text = limit && textOf(limit).trim();
  // MoM divides by this value.
  return text !== undefined && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined;
};

/**
 * Returns oVirt's `<qos>` element with this CPU share in percent, or without one, and keeps its other parts; for
 * libvirt's setMetadata together with {@link OVIRT_TUNE}.
 */
export const editedQos = (domainXml: string, userLimit: number | undefined): string => {
  const place = locate(readXml(domainXml));
  const qos = place ? unprefixed(place.qos, place.outer, OVIRT_TUNE.uri) : element('qos');
  const old = limitIn(qos);
  if (old) remove(qos, old);
  if (userLimit !== undefined) qos.children.push(element('vcpuLimit', {}, userLimit));
  return writeXml(qos);
};
