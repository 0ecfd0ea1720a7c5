import { elementsOf, textOf, type Element } from './element.ts';

// What a guest is asked for and uses of a virtio-mem device comes and goes without any device doing so.
const PASSING: readonly string[] = ['requested', 'current'];

/**
 * A short digest of an element that does not change with layout, comments, the order of attributes or how much of a
 * memory device is in use.
 */
export const digest = (root: Element): string => {
  const text = JSON.stringify(canonical(root));
  return lane(text, 0x811c9dc5, 0x01000193) + lane(text, 0x9e3779b9, 0x85ebca6b);
};

const canonical = (parent: Element): unknown => [
  parent.name,
  [...parent.attributes].sort(([a], [b]) => (a < b ? -1 : 1)),
  textOf(parent),
  elementsOf(parent)
    .filter(({ name }) => !PASSING.includes(name))
    .map(canonical),
];

// Looked up once: it is called for each character.
const { imul } = Math;

const lane = (text: string, seed: number, factor: number): string => {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), factor);
  hash = imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
};
