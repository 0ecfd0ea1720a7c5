import { type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { type Layout, rowsBetween } from './window.ts';

/** Rows beyond the edges of the screen, so that scrolling and the Tab key find them. */
const MORE = 6;
/** Rows come and go by so many at a time: fewer frames have work. */
const BATCH = 4;

/** Returns which rows are on the screen; renders again when others are. */
export function useVisibleRows(list: RefObject<HTMLElement | null>, layout: Layout) {
  const [range, setRange] = useState({ first: 0, end: MORE });
  const { count, rowHeight, open } = layout;
  const update = (): void => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    const next = inBatches(rowsBetween(layout, { from: -top, to: window.innerHeight - top }, MORE));
    setRange((last) => (last.first === next.first && last.end === next.end ? last : next));
  };
  useLayoutEffect(update, [count, rowHeight, open?.index, open?.height]);
  useEffect(() => {
    let frame = 0;
    const later = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(update);
    };
    window.addEventListener('scroll', later, { passive: true });
    window.addEventListener('resize', later);
    // what is above the list may grow
    const page = new ResizeObserver(later);
    page.observe(document.body);
    return () => {
      page.disconnect();
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', later);
      window.removeEventListener('resize', later);
    };
  }, [count, rowHeight, open?.index, open?.height]);
  return { first: range.first, end: Math.min(range.end, count) };
}

const inBatches = ({ first, end }: { readonly first: number; readonly end: number }) => ({
  first: Math.floor(first / BATCH) * BATCH,
  end: Math.ceil(end / BATCH) * BATCH,
});
