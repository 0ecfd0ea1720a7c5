import { elementsOf, textOf, type Element } from './element.ts';

// A virtio-mem device's requested and current size change while the device stays the same.
const VOLATILE: readonly string[] = ['requested', 'current'];

/**
 * Returns a short digest of an element that ignores layout, comments, the order of attributes, and the use of memory
 * devices.
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
    .filter(({ name }) => !VOLATILE.includes(name))
    .map(canonical),
];

// Looked up once, because it runs for each character.
const { imul } = Math;

const lane = (text: string, seed: number, factor: number): string => {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), factor);
  hash = imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
};
