import { elementsOf, textOf, type Element } from './element.ts';

/** A short digest of an element that does not change with layout, comments or the order of attributes. */
export const digest = (root: Element): string => {
  const text = JSON.stringify(canonical(root));
  return lane(text, 0x811c9dc5, 0x01000193) + lane(text, 0x9e3779b9, 0x85ebca6b);
};

const canonical = (parent: Element): unknown => [
  parent.name,
  [...parent.attributes].sort(([a], [b]) => (a < b ? -1 : 1)),
  textOf(parent),
  elementsOf(parent).map(canonical),
];

const lane = (text: string, seed: number, factor: number): string => {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), factor);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
};
