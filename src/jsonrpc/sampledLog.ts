import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';

/** Lines with one text that are written in an interval. */
const LINES = 10;
const INTERVAL = Milliseconds(10_000);

/**
 * Returns a log for what clients do: of the lines at info and warn that have the same text it writes ten in 10 s, then
 * one that says how many more there were. Its child logs are those of `log`. `count` gets the `event` of every line, also
 * of those that are not written.
 */
export function sampledLog(
  log: Logger,
  clock: Clock,
  count: (event: string) => void = () => undefined,
): Logger {
  const counted =
    (write: Write): Write =>
    (first, text) => {
      if (typeof first === 'object' && 'event' in first) count(String(first.event));
      write(first, text);
    };
  const [info, warn] = [sampler(log, 'info', clock), sampler(log, 'warn', clock)].map(counted);
  return Object.assign(Object.create(log) as Logger, { info, warn, child: log.child.bind(log) });
}

type Write = (first: object | string, text?: string) => void;

function sampler(log: Logger, level: 'info' | 'warn', clock: Clock): Write {
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
  return (first, text = '') => {
    if (!log.isLevelEnabled(level)) return;
    if (typeof first === 'string') write({}, first);
    else write(first, text);
  };
}
