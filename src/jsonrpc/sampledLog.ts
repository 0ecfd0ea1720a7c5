import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';

/** Lines with one text that are written in an interval. */
const LINES = 10;
const INTERVAL = Milliseconds(10_000);

/**
 * Returns a log for what clients do: of the lines at info and warn that have the same text it writes ten in 10 s, then
 * one that says how many more there were. Its child logs are those of `log`.
 */
export function sampledLog(log: Logger, clock: Clock): Logger {
  const [info, warn] = [sampler(log, 'info', clock), sampler(log, 'warn', clock)];
  return Object.assign(Object.create(log) as Logger, { info, warn, child: log.child.bind(log) });
}

function sampler(log: Logger, level: 'info' | 'warn', clock: Clock) {
  const counts = new Map<string, number>();
  const end = (text: string): void => {
    const more = (counts.get(text) ?? 0) - LINES;
    counts.delete(text);
    if (more > 0) log[level]({ more }, `${text} (${String(more)} more in 10 s)`);
  };
  const write = (fields: object, text: string): void => {
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    if (count === 1) {
      clock.after(INTERVAL, () => {
        end(text);
      });
    }
    if (count <= LINES) log[level](fields, text);
  };
  return (first: object | string, text = ''): void => {
    if (!log.isLevelEnabled(level)) return;
    if (typeof first === 'string') write({}, first);
    else write(first, text);
  };
}
