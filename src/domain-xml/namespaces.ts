import { element, elementsOf, isElement, type Element } from './element.ts';

/** Namespace declarations in force at an element: the URI by prefix; '' is the default namespace. */
export type Scope = (prefix: string) => string | undefined;

/** The scope inside an element that stands in `outer`. */
export const scopeWithin =
  (parent: Element, outer: Scope = () => undefined): Scope =>
  (prefix) =>
    parent.attributes.get(declarationOf(prefix)) ?? outer(prefix);

const declarationOf = (prefix: string): string => (prefix === '' ? 'xmlns' : `xmlns:${prefix}`);

export const prefixOf = (name: string): string => name.slice(0, Math.max(0, colonIn(name)));
export const localName = (name: string): string => name.slice(colonIn(name) + 1);

/** Where the prefix of a qualified name ends; -1 if there is none, as in `a:`, which XML allows as well. */
const colonIn = (name: string): number => (/^[^:]+:[^:]+$/.test(name) ? name.indexOf(':') : -1);

/** The namespace of an element in `outer`; '' if it has none. */
export const namespaceOf = (child: Element, outer: Scope): string =>
  scopeWithin(child, outer)(prefixOf(child.name)) ?? '';

/** The first child with that namespace and local name. */
export const findNamed = (
  parent: Element,
  scope: Scope,
  uri: string,
  name: string,
): Element | undefined =>
  elementsOf(parent).find(
    (child) => localName(child.name) === name && namespaceOf(child, scope) === uri,
  );

/**
 * Returns a copy for libvirt's setMetadata: elements and attributes of the namespace `uri`, or of none, lose prefix and
 * declaration; all others declare the namespaces that they use.
 */
export const unprefixed = (original: Element, outer: Scope, uri: string): Element => {
  const namespace = namespaceOf(original, outer);
  if (namespace !== uri && namespace !== '') return selfContained(original, outer);
  const scope = scopeWithin(original, outer);
  const copy = element(localName(original.name));
  for (const [name, value] of original.attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const ours = scope(prefixOf(name)) === uri;
    copy.attributes.set(ours ? localName(name) : name, value);
    if (!ours) declare(copy, prefixOf(name), scope);
  }
  for (const node of original.children) {
    copy.children.push(isElement(node) ? unprefixed(node, scope, uri) : node);
  }
  return copy;
};

const selfContained = (original: Element, outer: Scope): Element => {
  const copy = { ...original, attributes: new Map(original.attributes) };
  for (const prefix of prefixesIn(original)) declare(copy, prefix, outer);
  return copy;
};

const prefixesIn = (parent: Element): Set<string> =>
  new Set([
    ...[parent.name, ...parent.attributes.keys()].map(prefixOf),
    ...elementsOf(parent).flatMap((child) => [...prefixesIn(child)]),
  ]);

const declare = (target: Element, prefix: string, scope: Scope): void => {
  const name = declarationOf(prefix);
  const uri = scope(prefix);
  if (uri !== undefined && !target.attributes.has(name)) target.attributes.set(name, uri);
};
