import { types } from 'node:util';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';
import { type ErrorFields, errorFields } from './errorFields.ts';

/** Lines that could not be written. */
export interface Lost {
  readonly lines: number;
  /** Why the last of them could not be written. */
  readonly reason: string;
  /** The system's code of that, such as ENOSPC; undefined if there was no error. */
  readonly code?: string | undefined;
}

/** The destination of log lines; `isTTY` if it is a terminal, `isJournal` if it is systemd's journal. */
export interface LogTarget {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly isJournal?: boolean | undefined;
  /** Calls `listener` when writing succeeds again after lines were lost. */
  onRecovery?(listener: (lost: Lost) => void): void;
}

const SECRETS = ['ticket', 'password', '*.ticket', '*.password'];

/**
 * Creates a log of JSON lines with RFC 3339 times in UTC, or of readable lines. Lines for the journal begin with their
 * priority. Secrets are masked.
 */
export function createLog({ level, format }: Config['logging'], target: LogTarget): Logger {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withErrorFields },
      serializers: { err: (fields: unknown) => fields },
      redact: SECRETS,
    },
    destination(format, target),
  );
  target.onRecovery?.((lost) => {
    log.warn(lost, 'lines of this log were lost, since they could not be written');
  });
  return log;
}

function destination(format: Config['logging']['format'], target: LogTarget): DestinationStream {
  const isText = format === 'text' || (format === 'auto' && target.isTTY === true);
  const isJournal = target.isJournal === true;
  if (!isText && !isJournal) return { write: (line) => void target.write(line) };
  return {
    write(json) {
      const line = JSON.parse(json) as LogLine;
      const text = isText ? readable(line, !isJournal) : json;
      void target.write(isJournal ? prioritized(text, line.level) : text);
    },
  };
}

/** The priorities of syslog(3). */
const PRIORITIES: Readonly<Record<string, number>> = { fatal: 2, error: 3, warn: 4, info: 6 };
const DEBUG = 7;

/** Returns a text with the priority that the journal reads at the start of each line, sd-daemon(3). */
const prioritized = (text: string, level: string): string =>
  text.replace(/^(?=.)/gm, `<${String(PRIORITIES[level] ?? DEBUG)}>`);

/** Returns the fields of a line with its error, if any, as fields; the stack too if the line reports a bug. */
const withErrorFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  types.isNativeError(fields['err']) ?
    { ...fields, err: errorFields(fields['err'], fields['event'] === 'bug') }
  : fields;

interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly err?: ErrorFields;
  readonly [field: string]: unknown;
}

/** Returns a readable line: time of day, level, message, fields. The journal has its own time and priority. */
function readable({ time, level, msg, err, ...fields }: LogLine, isDated: boolean): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${brief(value)}`);
  const dated = isDated ? [time.slice(11, 19), level.padEnd(5)] : [];
  const words = [...dated, ...(msg === undefined ? [] : [msg])];
  const reason = err === undefined || err.stack !== undefined ? [] : [`(${err.message})`];
  const stack = err?.stack === undefined ? '' : `${err.stack}\n`;
  return `${[...words, ...reason, ...shown].join(' ')}\n${stack}`;
}

const brief = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
