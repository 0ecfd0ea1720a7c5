const STEPS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Returns seconds for people, in at most two units: `12 s`, `1 min 5 s`, `3 h`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = Math.max(
    0,
    STEPS.findIndex(([, size]) => whole >= size),
  );
  const [unit, size] = whole === 0 ? STEPS[3] : (STEPS[first] ?? STEPS[3]);
  const next = whole === 0 ? undefined : STEPS[first + 1];
  const rest = next ? Math.floor((whole % size) / next[1]) : 0;
  const large = `${String(Math.floor(whole / size))} ${unit}`;
  return next && rest > 0 ? `${large} ${String(rest)} ${next[0]}` : large;
}

/** Returns how long ago a time (RFC 3339) was, in seconds, by a clock in milliseconds since 1970. */
export const secondsSince = (time: string, now: number): number =>
  Math.max(0, (now - Date.parse(time)) / 1000);
