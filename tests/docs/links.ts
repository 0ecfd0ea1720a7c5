/** A link of a page to another place in the project. */
export interface Link {
  /** The path from the page's folder; empty for the page itself. */
  readonly path: string;
  /** The heading that it names, as it stands in the address. */
  readonly anchor?: string;
}

/** Returns the text without blocks and spans of code, which hold no links. */
const withoutCode = (text: string): string =>
  text.replace(/^ *(`{3,})[^]*?^ *\1 *$/gm, '').replace(/`[^`\n]+`/g, '');

/** Returns the links and pictures of a page, but for those to other sites. */
export function linksOf(text: string): readonly Link[] {
  return [...withoutCode(text).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ([, path = '', anchor]) => ({ path, ...(anchor !== undefined && { anchor }) }),
  );
}

/** Returns the anchors of a page's headings as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = text.replace(/^ *(`{3,})[^]*?^ *\1 *$/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm);
  return new Set(
    [...headings].map(([, heading = '']) => {
      const anchor = heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${String(count)}`;
    }),
  );
}
