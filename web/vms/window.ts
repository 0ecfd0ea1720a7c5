/** Where the rows of a long list are, so that only those on the screen need be made. */
export interface Layout {
  readonly count: number;
  readonly rowHeight: number;
  /** The row below which details are open, and their height. */
  readonly open?: { readonly index: number; readonly height: number } | undefined;
}

/** Returns where a row begins, in pixels from the top of the list. */
export const topOf = ({ rowHeight, open }: Layout, index: number): number =>
  index * rowHeight + (open && index > open.index ? open.height : 0);

export const heightOf = (layout: Layout): number => topOf(layout, layout.count);

/** Returns the row, with its details, at this distance from the top of the list. */
function rowAt({ count, rowHeight, open }: Layout, y: number): number {
  const detailsTop = open ? (open.index + 1) * rowHeight : Infinity;
  if (open && y >= detailsTop && y < detailsTop + open.height) return open.index;
  const above = open && y >= detailsTop ? open.height : 0;
  return Math.max(0, Math.min(count - 1, Math.floor((y - above) / rowHeight)));
}

/** Returns the rows, the last one excluded, between two distances from the top, and `more` on each side. */
export function rowsBetween(
  layout: Layout,
  { from, to }: { readonly from: number; readonly to: number },
  more: number,
): { readonly first: number; readonly end: number } {
  if (layout.count === 0) return { first: 0, end: 0 };
  return {
    first: Math.max(0, rowAt(layout, from) - more),
    end: Math.min(layout.count, rowAt(layout, to) + 1 + more),
  };
}
