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

/** The destination of log lines; `isTTY` if it is a terminal. */
export interface LogTarget {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Calls `listener` when writing succeeds again after lines were lost. */
  onRecovery?(listener: (lost: Lost) => void): void;
}

const SECRETS = ['ticket', 'password', '*.ticket', '*.password'];

/**
 * Creates a log of JSON lines with RFC 3339 times in UTC, or of readable lines on a terminal. Secrets are masked.
 */
export function createLog({ level }: Config['logging'], target: LogTarget): Logger {
  const human: DestinationStream = { write: (line) => void target.write(readable(line)) };
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withErrorFields },
      serializers: { err: (fields: unknown) => fields },
      redact: SECRETS,
    },
    target.isTTY === true ? human : { write: (line) => void target.write(line) },
  );
  target.onRecovery?.((lost) => {
    log.warn(lost, 'lines of this log were lost, since they could not be written');
  });
  return log;
}

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

/** Returns a JSON line of the log as a readable line: time of day, level, message, fields. */
function readable(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as LogLine;
  const clock = time.slice(11, 19);
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${brief(value)}`);
  const words = [clock, level.padEnd(5), ...(msg === undefined ? [] : [msg])];
  const reason = err === undefined || err.stack !== undefined ? [] : [`(${err.message})`];
  const stack = err?.stack === undefined ? '' : `${err.stack}\n`;
  return `${[...words, ...reason, ...shown].join(' ')}\n${stack}`;
}

const brief = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
