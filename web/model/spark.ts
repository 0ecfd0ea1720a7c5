type Values = readonly (number | null)[];

/** Returns at most `count` values, each the largest of its part of the given ones; null where none is known. */
export function thin(values: Values, count: number): (number | null)[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const to = Math.floor(((i + 1) * values.length) / count);
    return largest(values.slice(from, to));
  });
}

const largest = (values: Values): number | null =>
  values.reduce(
    (most, value) => (value !== null && value > (most ?? -Infinity) ? value : most),
    null,
  );

/** Returns the `d` of an SVG path through values between 0 and `top`; it has gaps where none is known. */
export function pathOf(values: Values, top: number, { width, height }: Extent): string {
  const step = width / Math.max(1, values.length - 1);
  let isDrawing = false;
  const parts: string[] = [];
  values.forEach((value, i) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const y = height - (Math.min(value, top) / (top || 1)) * height;
    parts.push(`${isDrawing ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`);
    isDrawing = true;
  });
  return parts.join('');
}

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** Returns the range of the known values; undefined if there are none. */
export function rangeOf(
  values: Values,
): { readonly least: number; readonly most: number } | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  let [least, most] = [Infinity, -Infinity];
  for (const value of known) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}
