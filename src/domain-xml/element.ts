import { DomainXmlError } from './types.ts';

/** An XML comment; kept so that edits preserve it. */
export interface Comment {
  readonly comment: string;
}

/** Text is a plain string with decoded references. */
export type Node = Element | Comment | string;

/** One element; its names keep their namespace prefix. */
export interface Element {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Node[];
}

type Attributes = Readonly<Record<string, string | number | undefined>>;
type Content = Node | number | undefined;

/** Creates an element; undefined attributes and content are omitted. */
export const element = (
  name: string,
  attributes: Attributes = {},
  ...content: readonly Content[]
): Element => ({
  name,
  attributes: new Map(
    Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  ),
  children: content.flatMap((part) =>
    part === undefined ? []
    : typeof part === 'number' ? [String(part)]
    : [part],
  ),
});

export const isElement = (node: Node): node is Element =>
  typeof node === 'object' && 'name' in node;

export const isComment = (node: Node): node is Comment =>
  typeof node === 'object' && 'comment' in node;

export const elementsOf = (parent: Element): Element[] => parent.children.filter(isElement);

/** The children with that name, in document order. */
export const childrenNamed = (parent: Element | undefined, name: string): Element[] =>
  parent ? elementsOf(parent).filter((child) => child.name === name) : [];

/** The element at the end of a path of names; takes the first child of each name. */
export const find = (parent: Element, ...path: readonly string[]): Element | undefined =>
  path.reduce<Element | undefined>((found, name) => childrenNamed(found, name)[0], parent);

/** All text directly inside an element, untrimmed. */
export const textOf = (parent: Element): string =>
  parent.children.filter((node) => typeof node === 'string').join('');

/** The trimmed text at the end of a path; undefined if the element is missing. */
export const textAt = (parent: Element, ...path: readonly string[]): string | undefined => {
  const found = find(parent, ...path);
  return found && textOf(found).trim();
};

export const setText = (parent: Element, text: string): void => {
  parent.children.splice(0, Infinity, text);
};

/** Returns an attribute's value; throws {@link DomainXmlError} if it is missing. */
export const required = (parent: Element, attribute: string): string => {
  const value = parent.attributes.get(attribute);
  if (value === undefined) {
    throw new DomainXmlError(`<${parent.name}> has no ${attribute}; add that attribute`);
  }
  return value;
};

/** Inserts a child behind the last child named in `after`, or at the end. */
export const place = (parent: Element, child: Element, ...after: readonly string[]): void => {
  const last = parent.children.findLastIndex(
    (node) => isElement(node) && after.includes(node.name),
  );
  parent.children.splice(last < 0 ? parent.children.length : last + 1, 0, child);
};

export const remove = (parent: Element, child: Element): void => {
  parent.children.splice(parent.children.indexOf(child), 1);
};

/** Removes the child nodes that do not fulfil a condition. */
export const keepOnly = (parent: Element, fulfils: (node: Node) => boolean): void => {
  const { children } = parent;
  let kept = 0;
  for (const node of children) if (fulfils(node)) children[kept++] = node;
  children.length = kept;
};
