import { KiB, MiB, Seconds } from '../common/units.ts';
import {
  childrenNamed,
  element,
  find,
  isElement,
  keepOnly,
  place,
  setText,
  textOf,
  type Element,
} from './element.ts';
import {
  findNamed,
  localName,
  namespaceOf,
  prefixOf,
  scopeWithin,
  unprefixed,
  type Scope,
} from './namespaces.ts';
import { readXml } from './readXml.ts';
import { DomainXmlError, type OvirtMetadata } from './types.ts';
import { writeXml } from './writeXml.ts';

/** oVirt's metadata namespace; its element is `vm`. */
export const OVIRT_VM = { prefix: 'ovirt-vm', uri: 'http://ovirt.org/vm/1.0' } as const;
/** oVirt's tuning namespace; its element is `qos`. */
export const OVIRT_TUNE = { prefix: 'ovirt-tune', uri: 'http://ovirt.org/vm/tune/1.0' } as const;

const amount = (text: string): number | undefined => {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
};
const sized =
  <T>(unit: (n: number) => T) =>
  (text: string): T | undefined => {
    const value = amount(text);
    return value === undefined ? undefined : unit(value);
  };
const truth = (text: string): boolean | undefined =>
  /^(true|1|yes)$/i.test(text) ? true
  : /^(false|0|no)$/i.test(text) ? false
  : undefined;

// The engine writes its booleans without a type.
const KEYS = {
  minGuaranteedMemoryMb: { read: sized(MiB), type: 'int' },
  memGuaranteedSize: { read: sized(MiB), type: 'int' },
  balloonTarget: { read: sized(KiB), type: 'int' },
  balloonTargetMemory: { read: sized(KiB), type: 'int' },
  balloonStory: { read: (text: string) => text, type: 'str' },
  memoryJobs: { read: (text: string) => text, type: 'str' },
  ballooningEnabled: { read: truth, type: undefined },
  launchPaused: { read: truth, type: undefined },
  memStatsPeriod: { read: sized(Seconds), type: 'int' },
  ownedUuid: { read: (text: string) => text, type: undefined },
  keptFor: { read: (text: string) => text, type: undefined },
} as const satisfies {
  [K in keyof Required<OvirtMetadata>]: {
    read: (text: string) => OvirtMetadata[K];
    type: string | undefined;
  };
};

type Key = keyof typeof KEYS;
const keys = Object.keys(KEYS) as Key[];

interface Place {
  readonly vm: Element;
  readonly outer: Scope;
}

const locate = (domain: Element): Place | undefined => {
  const metadata = find(domain, 'metadata');
  if (!metadata) return undefined;
  const outer = scopeWithin(metadata, scopeWithin(domain));
  const vm = findNamed(metadata, outer, OVIRT_VM.uri, 'vm');
  return vm && { vm, outer };
};

const entry = ({ vm, outer }: Place, key: Key): Element | undefined =>
  findNamed(vm, scopeWithin(vm, outer), OVIRT_VM.uri, key) ?? childrenNamed(vm, key)[0];

/** Returns oVirt's metadata of a domain, or undefined if it has none; unreadable values are absent. */
export const readMetadata = (domainXml: string): OvirtMetadata | undefined =>
  metadataOf(readXml(domainXml));

/** Like {@link readMetadata}, for a parsed domain. */
export const metadataOf = (domain: Element): OvirtMetadata | undefined => {
  const place = locate(domain);
  if (!place) return undefined;
  const entries = keys.map((key) => {
    const found = entry(place, key);
    return [key, found && KEYS[key].read(textOf(found).trim())] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
};

/** Throws {@link DomainXmlError} if oVirt's metadata contain an unreadable value. */
export const checkMetadata = (domain: Element): void => {
  const place = locate(domain);
  if (!place) return;
  for (const key of keys) {
    const found = entry(place, key);
    if (found && KEYS[key].read(textOf(found).trim()) === undefined) {
      const kind = KEYS[key].read === truth ? 'true or false' : 'a whole number of 0 or more';
      throw new DomainXmlError(`the metadata's ${key} is "${textOf(found)}"; give ${kind}`);
    }
  }
};

/** Returns the domain without all but its metadata, which {@link editedMetadata} needs. */
export const metadataAlone = (domain: Element): Element => ({
  ...domain,
  children: childrenNamed(domain, 'metadata'),
});

/** The guarantee in force: the one set last, otherwise the engine's at creation, where 0 means none. */
export const guaranteeOf = (metadata: OvirtMetadata | undefined): MiB | undefined =>
  metadata?.memGuaranteedSize ?? (metadata?.minGuaranteedMemoryMb || undefined);

/** What vmemd keeps of a running domain; it says nothing about a copy. */
const KEPT: readonly Key[] = [
  'balloonTarget',
  'balloonTargetMemory',
  'balloonStory',
  'memoryJobs',
  'keptFor',
];

/**
 * Removes what was kept for the domain of which this one is a copy, and a guarantee of 0 that was not set for this one
 * by a client, since other programs write it for none.
 */
export const dropCopied = (domain: Element, uuid: string): void => {
  const place = locate(domain);
  if (!place) return;
  const textIn = (key: Key): string | undefined => {
    const found = entry(place, key);
    return found && textOf(found).trim();
  };
  const owner = textIn('keptFor') ?? textIn('ownedUuid');
  if (owner === uuid) return;
  const isNone = textIn('memGuaranteedSize') === '0';
  const dropped: ReadonlySet<string> = new Set<Key>([
    ...(owner === undefined ? [] : KEPT),
    ...(isNone ? (['memGuaranteedSize'] as const) : []),
  ]);
  const { vm, outer } = place;
  const scope = scopeWithin(vm, outer);
  const isDropped = (child: Element): boolean =>
    dropped.has(child.name) ||
    (dropped.has(localName(child.name)) && namespaceOf(child, scope) === OVIRT_VM.uri);
  keepOnly(vm, (node) => !isElement(node) || !isDropped(node));
};

/** Sets keys of oVirt's metadata and keeps everything else. */
export const setMetadata = (domain: Element, changes: OvirtMetadata): void => {
  const place = locate(domain) ?? added(domain);
  const prefix = prefixOf(place.vm.name);
  for (const key of keys) {
    const value = changes[key];
    if (value === undefined) continue;
    let target = entry(place, key);
    if (!target) {
      target = element(prefix === '' ? key : `${prefix}:${key}`);
      place.vm.children.push(target);
    }
    setText(target, String(value));
    const { type } = KEYS[key];
    if (type === undefined) target.attributes.delete('type');
    else target.attributes.set('type', type);
  }
};

/**
 * Sets keys of oVirt's metadata and returns the whole `<vm>` element without prefix and declaration, as libvirt's
 * setMetadata expects it together with {@link OVIRT_VM}.
 */
export const editedMetadata = (domain: Element, changes: OvirtMetadata): string => {
  setMetadata(domain, changes);
  const { vm, outer } = locate(domain) ?? added(domain);
  return writeXml(unprefixed(vm, outer, OVIRT_VM.uri));
};

const added = (domain: Element): Place => {
  const metadata = find(domain, 'metadata') ?? element('metadata');
  if (!domain.children.includes(metadata)) {
    place(domain, metadata, 'name', 'uuid', 'genid', 'title', 'description');
  }
  const { prefix, uri } = OVIRT_VM;
  const vm = element(`${prefix}:vm`, { [`xmlns:${prefix}`]: uri });
  metadata.children.push(vm);
  return { vm, outer: scopeWithin(metadata, scopeWithin(domain)) };
};
