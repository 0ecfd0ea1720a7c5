import { type RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Below this width, in rem, a row has three lines. */
const NARROW_REM = 44;
const HEIGHTS_REM = { narrow: 6.5, wide: 3.75 };

/** Returns the form and the height, in pixels, of the rows of a list as wide as this element. */
export function useRowHeight(list: RefObject<HTMLElement | null>) {
  const [width, setWidth] = useState(1024);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const form = width < NARROW_REM * rem ? 'narrow' : 'wide';
  return { form, rowHeight: Math.round(HEIGHTS_REM[form] * rem) } as const;
}
