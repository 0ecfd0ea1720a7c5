import { elementsOf, find, textOf, type Element } from './element.ts';

/**
 * Returns what makes a domain or device root-equivalent, as words for a message: it runs a program of its author's, gets
 * a device of the host, leaves its confinement, or reaches files outside the folders. Undefined if nothing does.
 */
export const privilegedPart = (root: Element, folders: readonly string[]): string | undefined => {
  const own = partOf(root, undefined, folders);
  // of the metadata, libvirt does nothing
  const parts = elementsOf(root).filter(
    ({ name }) => root.name !== 'domain' || name !== 'metadata',
  );
  return own ?? firstIn(parts, root, folders);
};

function firstIn(
  parts: readonly Element[],
  parent: Element,
  folders: readonly string[],
): string | undefined {
  for (const part of parts) {
    const found = partOf(part, parent, folders) ?? firstIn(elementsOf(part), part, folders);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partOf(
  part: Element,
  parent: Element | undefined,
  folders: readonly string[],
): string | undefined {
  const own = PRIVILEGED.find(({ applies }) => applies(part));
  if (own) return own.words(part);
  const path = pathsOf(part, parent).find((each) => !isWithin(each, folders));
  return path === undefined ? undefined : `<${part.name}> with the path ${path.slice(0, 200)}`;
}

interface Privileged {
  readonly applies: (part: Element) => boolean;
  readonly words: (part: Element) => string;
}

const named = ({ name }: Element): string => `<${name}>`;
const has = (part: Element, name: string, ...values: readonly string[]): boolean =>
  values.includes(part.attributes.get(name) ?? '');

const PRIVILEGED: readonly Privileged[] = [
  // qemu:commandline and its kind: libvirt hands on what it does not know
  {
    applies: (part) => part.name.includes(':') || (part.attributes.get('xmlns') ?? '') !== '',
    words: named,
  },
  { applies: ({ name }) => ['emulator', 'hostdev', 'launcher'].includes(name), words: named },
  {
    applies: (part) => part.name === 'seclabel' && !isDynamic(part),
    words: (part) => `<seclabel type='${part.attributes.get('type') ?? ''}'>`,
  },
  {
    applies: (part) =>
      part.name === 'interface' && has(part, 'type', 'hostdev', 'vdpa', 'vhostuser'),
    words: (part) => `<interface type='${part.attributes.get('type') ?? ''}'>`,
  },
  {
    applies: (part) =>
      part.name === 'disk' &&
      (has(part, 'type', 'nvme', 'vhostuser', 'vhostvdpa') ||
        has(part, 'rawio', 'yes') ||
        has(part, 'sgio', 'unfiltered')),
    words: () => "<disk> with a device of the host's",
  },
];

/** Returns whether libvirt chooses the label itself. */
const isDynamic = (part: Element): boolean =>
  has(part, 'type', 'dynamic', '') &&
  !has(part, 'relabel', 'no') &&
  !find(part, 'label') &&
  !find(part, 'baselabel') &&
  !find(part, 'imagelabel');

/** Elements whose text is a path, even a relative one. */
const PATH_TEXTS = new Set(['loader', 'nvram', 'kernel', 'initrd', 'shim', 'dtb', 'table', 'path']);
/** Elements whose text can begin with a slash and is no path. */
const FREE_TEXTS = new Set(['name', 'title', 'description', 'cmdline', 'entry', 'partition']);
/** Attributes whose value is a path, even a relative one. */
const PATHS = new Set(['file', 'path', 'evdev', 'socket', 'tap', 'vhost', 'rendernode']);

function pathsOf(part: Element, parent: Element | undefined): readonly string[] {
  const text = textOf(part).trim();
  const isPath = PATH_TEXTS.has(part.name) ? text !== '' : text.startsWith('/');
  const attributes = [...part.attributes].filter(
    ([name, value]) => isPathIn(part, parent, name) || value.startsWith('/'),
  );
  return [
    ...(isPath && !FREE_TEXTS.has(part.name) ? [text] : []),
    ...attributes
      .filter(([name, value]) => value !== '' && !isOfServer(part, name))
      .map(([, value]) => value),
  ];
}

function isPathIn({ name }: Element, parent: Element | undefined, attribute: string): boolean {
  if (PATHS.has(attribute)) return true;
  // elsewhere they name devices and mounts of the guest, or network devices
  const isSource = name === 'source' && parent?.name !== 'interface';
  return isSource && (attribute === 'dev' || attribute === 'dir');
}

/** Returns whether an attribute names a file of a server. */
const isOfServer = ({ name, attributes }: Element, attribute: string): boolean =>
  name === 'source' && attribute === 'name' && attributes.has('protocol');

/** Returns whether a path is absolute, without `..`, and equal to one of the folders or inside. */
const isWithin = (path: string, folders: readonly string[]): boolean =>
  path.startsWith('/') &&
  !path.split('/').includes('..') &&
  folders.some((folder) => {
    const base = folder.replace(/\/+$/, '');
    return path === base || path.startsWith(`${base}/`);
  });
