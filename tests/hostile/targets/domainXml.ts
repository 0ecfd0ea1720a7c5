import { KiB, Seconds } from '../../../src/common/units.ts';
import {
  withMemory,
  withMetadata,
  withMinGuarantee,
  withoutMinGuarantee,
  withStatsPeriod,
} from '../../../src/domain-xml/edit.ts';
import type { Element, Node } from '../../../src/domain-xml/element.ts';
import { dropCopied, editedMetadata, OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { normalizeDomain } from '../../../src/domain-xml/normalize.ts';
import {
  domainOf,
  parseDomain,
  readDomain,
  readGivenDomain,
} from '../../../src/domain-xml/parse.ts';
import { prepareDomain } from '../../../src/domain-xml/prepare.ts';
import { privilegedPart } from '../../../src/domain-xml/privileged.ts';
import { readXml } from '../../../src/domain-xml/readXml.ts';
import { type Domain, DomainXmlError } from '../../../src/domain-xml/types.ts';
import { writeXml } from '../../../src/domain-xml/writeXml.ts';
import { KEYS, someDomain } from '../domainGrammar.ts';
import { expat, type Oracle } from '../expat.ts';
import { growth } from '../growth.ts';
import type { Target, Verdict } from '../target.ts';

/**
 * Reading, editing and preparing domain XML: what is read is what expat reads, what is written is read back, and an edit
 * changes what it names and nothing else.
 */
export const domainXml: Target<string> = {
  name: 'domain-xml',
  weight: 20,
  make: someDomain,
  open: async (size) => {
    const oracle = await expat();
    return {
      width: 8,
      judge: async (xml) => judged(xml) ?? (await differsFrom(oracle, xml)),
      close: async () => {
        const { wrong, figures } = growth(SHAPES, readAndEdit, size);
        return { wrong, figures: [...figures, await oracle.close()] };
      },
    };
  },
};

/** Returns what `work` returns; undefined if it refuses the XML in a sentence. */
function accepted<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DomainXmlError)) throw error;
    if (error.message.length > 500) throw new Error(`a message is long: ${error.message}`);
    return undefined;
  }
}

function judged(xml: string): Verdict {
  const root = accepted(() => readXml(xml));
  if (!root) return undefined;
  if (text(readXml(writeXml(root))) !== text(root)) return 'what is written is not read back';
  privilegedPart(root, ['/a']);
  accepted(() => {
    create(xml);
  });
  const domain = accepted(() => parseDomain(xml));
  return domain && (impossible(domain) ?? edits(xml, domain));
}

/** Prepares a client's domain as VM.create does; throws Error if doing it again gives something else. */
function create(xml: string): void {
  const root = readGivenDomain(xml);
  normalizeDomain(root);
  dropCopied(root, domainOf(root).uuid);
  prepareDomain(root, domainOf(root), { statsPeriod: Seconds(5) });
  const again = readDomain(writeXml(root));
  normalizeDomain(again);
  prepareDomain(again, domainOf(again), { statsPeriod: Seconds(5) });
  if (text(again, true) !== text(root, true))
    throw new Error('preparing twice gives another domain');
}

/** Returns which figure is no whole number of 0 or more. */
function impossible(domain: Domain): Verdict {
  let found: Verdict;
  JSON.stringify(domain, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      found = `${key} is ${String(value)}`;
    if (
      typeof value === 'number' &&
      value < 0 &&
      key !== 'quota' &&
      key !== 'period' &&
      key !== 'port'
    )
      found = `${key} is negative`;
    return value;
  });
  return found;
}

const CHANGES = { balloonTarget: KiB(786_432), memoryJobs: '{"<&>": "\r\n\t"}', ownedUuid: 'x' };

/** Returns what an edit did that it does not name. */
function edits(xml: string, domain: Domain): Verdict {
  const kept = (change: string, names: readonly string[]): Verdict =>
    text(without(readXml(change), names), true) === text(without(readXml(xml), names), true) ?
      undefined
    : `an edit changes more than ${names.join('/')}`;
  const marked = withMetadata(xml, CHANGES);
  const { metadata } = parseDomain(marked);
  for (const [key, value] of Object.entries({ ...domain.metadata, ...CHANGES })) {
    if (metadata?.[key as keyof typeof CHANGES] !== value) return `${key} is not as written`;
  }
  const guaranteed = withMinGuarantee(xml, KiB(1024));
  if (parseDomain(guaranteed).minGuarantee !== 1024) return 'min_guarantee is not as written';
  const free = withoutMinGuarantee(xml);
  if (parseDomain(free).minGuarantee !== undefined) return 'min_guarantee is still there';
  const larger = accepted(() => withMemory(xml, KiB(8 * 1024 * 1024)));
  return (
    kept(marked, ['metadata']) ??
    survives(xml) ??
    kept(guaranteed, ['memtune']) ??
    kept(free, ['memtune']) ??
    kept(withStatsPeriod(xml, Seconds(7)), ['devices', 'memballoon', 'stats']) ??
    (larger === undefined ? undefined : resized(larger, domain))
  );
}

function resized(xml: string, before: Domain): Verdict {
  const domain = parseDomain(xml);
  if (domain.currentMemory > domain.memory) return 'the resized domain has more than its memory';
  return domain.memoryDevices.length === before.memoryDevices.length ?
      undefined
    : 'a device is lost';
}

/** Returns which part of others in oVirt's metadata is lost or has another namespace when ours are written. */
function survives(xml: string): Verdict {
  const root = readXml(xml);
  const metadata = elements(root).find(({ name }) => name === 'metadata');
  const outer = metadata && scopeOf(metadata, scopeOf(root, {}));
  const vm =
    outer && elements(metadata).find((one) => nameOf(one, scopeOf(one, outer)) === `{${URI}}vm`);
  const edited = readXml(editedMetadata(readDomain(xml), CHANGES));
  if (!vm) return undefined;
  const after = foreign(edited, { '': URI });
  const lost = foreign(vm, outer).find((part) => !after.includes(part));
  return lost === undefined ? undefined : `lost from the metadata: ${lost}`;
}

const URI = OVIRT_VM.uri;
/** Namespaces by prefix. */
type Scope = Readonly<Record<string, string>>;

const elements = (parent: Element): Element[] =>
  parent.children.filter((node): node is Element => typeof node === 'object' && 'name' in node);

const scopeOf = ({ attributes }: Element, outer: Scope): Scope => ({
  ...outer,
  ...Object.fromEntries(
    [...attributes].flatMap(([name, value]) =>
      name === 'xmlns' || name.startsWith('xmlns:') ? [[name.slice(6), value]] : [],
    ),
  ),
});

function nameOf({ name }: Pick<Element, 'name'>, scope: Scope): string {
  const at = /^[^:]+:[^:]+$/.test(name) ? name.indexOf(':') : -1;
  const prefix = at < 0 ? '' : name.slice(0, at);
  const uri = Object.hasOwn(scope, prefix) ? scope[prefix] : '';
  return `{${String(uri)}}${name.slice(at + 1)}`;
}

/** Returns the parts that are none of our keys, with their namespaces; what has none gets that of oVirt from libvirt. */
function foreign(vm: Element, outer: Scope): string[] {
  const scope = scopeOf(vm, outer);
  const ours = KEYS.map((key) => `{${URI}}${key}`);
  return elements(vm)
    .map((one) => expanded(one, scope))
    .filter(({ name }) => !ours.includes(name))
    .map((one) => JSON.stringify(one));
}

function expanded(one: Element, outer: Scope): { readonly name: string } {
  const scope = scopeOf(one, outer);
  const attributes = [...one.attributes]
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => {
      const full = /^[^:]+:[^:]+$/.test(name) ? nameOf({ name }, scope) : name;
      return [full.startsWith('{}') ? name : full.replace(`{${URI}}`, ''), value];
    });
  const parts = one.children
    .filter((node) => typeof node !== 'string' || node.trim() !== '')
    .map((node) => (typeof node === 'object' && 'name' in node ? expanded(node, scope) : node));
  return { name: nameOf(one, scope).replace('{}', `{${URI}}`), attributes, parts } as {
    readonly name: string;
  };
}

/** Returns the element without the children at a path of names, and without parents that are empty then. */
function without(root: Element, [name, ...rest]: readonly string[]): Element {
  const children = root.children.flatMap((node): Node[] => {
    if (typeof node === 'string' || !('name' in node) || node.name !== name) return [node];
    const left = rest.length === 0 ? undefined : without(node, rest);
    return left ? [left] : [];
  });
  return { ...root, children };
}

/** Returns an element as text to compare; if loose, without what is only laid out between its parts. */
const text = (root: Element, isLoose = false): string => JSON.stringify(plain(root, isLoose, true));

function plain(root: Element, isLoose: boolean, hasComments: boolean): unknown {
  const parts: unknown[] = [];
  for (const node of root.children) {
    const isComment = typeof node === 'object' && !('name' in node);
    const last = parts.at(-1);
    if (isComment && !hasComments) continue;
    if (typeof node === 'string' && typeof last === 'string') parts[parts.length - 1] = last + node;
    else if (typeof node === 'string' || isComment) parts.push(node);
    else parts.push(plain(node, isLoose, hasComments));
  }
  const isKept = (part: unknown): boolean => typeof part !== 'string' || /[^ \t\n\r]/.test(part);
  const kept = isLoose ? parts.filter(isKept) : parts;
  return [root.name, [...root.attributes], kept];
}

/** Returns what expat says otherwise of the XML, as far as both read it by the same rules. */
async function differsFrom(oracle: Oracle, xml: string): Promise<Verdict> {
  if (/<!DOCTYPE|^\ufeff?<\?xml/i.test(xml) || /[\ud800-\udfff]/.test(xml)) return undefined;
  const theirs = await oracle.read(xml);
  if (theirs === undefined) return undefined;
  const root = accepted(() => readXml(xml));
  if (root === undefined && isDeep(theirs)) return undefined;
  const ours = root ? JSON.stringify(plain(root, true, false)) : 'refused';
  return ours === theirs ? undefined : `expat reads it otherwise: ${theirs.slice(0, 80)}`;
}

/** Whether an element as JSON has more levels than are read. */
function isDeep(json: string): boolean {
  let levels = 0;
  let most = 0;
  for (const [bracket] of json.replaceAll(/"(\\.|[^"\\])*"/g, '').matchAll(/[[\]]/g)) {
    levels += bracket === '[' ? 1 : -1;
    most = Math.max(most, levels);
  }
  // An element has its name, and its attributes and parts in lists of their own.
  return most / 2 > 256;
}

/** Documents whose parts are more and more of one kind. */
const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  elements: (n) => inDomain('<b/>'.repeat(n)),
  texts: (n) => inDomain('x<b/>'.repeat(n)),
  references: (n) => inDomain('&amp;'.repeat(n)),
  'open references': (n) => inDomain('&'.repeat(n)),
  comments: (n) => inDomain('<!-- a -->'.repeat(n)),
  hyphens: (n) => inDomain(`<!-- ${'- '.repeat(n)} -->`),
  brackets: (n) => inDomain(`<![CDATA[${']'.repeat(n)}]]>`),
  attributes: (n) =>
    inDomain(`<b ${Array.from({ length: n }, (_, i) => `a${String(i)}=""`).join(' ')}/>`),
  namespaces: (n) =>
    inDomain(Array.from({ length: n }, (_, i) => `<x:a xmlns:x="u${String(i)}"/>`).join('')),
  'keys twice': (n) => inDomain(metadata('<o:memoryJobs>x</o:memoryJobs>'.repeat(n))),
  'foreign keys': (n) => inDomain(metadata('<f:a xmlns:f="urn:f"><f:b/></f:a>'.repeat(n))),
  'open elements': (n) => '<a>'.repeat(n),
  devices: (n) =>
    inDomain(
      `<devices>${'<memory model="dimm"><target><size>1</size></target></memory>'.repeat(n)}</devices>`,
    ),
  'wide and deep': (n) => inDomain('<a>'.repeat(200) + '<b/>'.repeat(n / 10) + '</a>'.repeat(200)),
};

const inDomain = (inside: string): string =>
  `<domain type="kvm"><name>a</name><uuid>6e2a1b0c-0000-4000-8000-000000000001</uuid><memory>1048576</memory>${inside}</domain>`;
const metadata = (inside: string): string =>
  `<metadata><o:vm xmlns:o="${URI}"><o:keptFor>x</o:keptFor>${inside}</o:vm></metadata>`;

function readAndEdit(xml: string): void {
  accepted(() => {
    const root = readDomain(xml);
    domainOf(root);
    dropCopied(root, '6e2a1b0c-0000-4000-8000-000000000001');
    writeXml(root);
    withMetadata(xml, CHANGES);
    editedMetadata(readDomain(xml), CHANGES);
    withMemory(xml, KiB(2_097_152));
    privilegedPart(root, []);
  });
}
