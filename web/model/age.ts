/** Returns an age for people: `just now`, `42 s ago`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function ago(seconds: number): string {
  if (seconds < 2) return 'just now';
  return `${lasting(seconds)} ago`;
}

/** Returns a duration for people in its largest unit, rounded down: `42 s`, `3 min`, `2 h`, `5 days`. */
export function lasting(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Returns the local time of day, with the date if it is not today. */
export function clockTime(at: number, now = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return (isToday ? time : day).format(at);
}
