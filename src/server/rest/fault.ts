import { STATUS_CODES } from 'node:http';
import { type ErrorName, errors, type VdsmError } from '../../common/errors.ts';
import type { Members } from './members.ts';

interface FaultOptions {
  /** A short text; by default that of the status. */
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The job that failed. */
  readonly jobId?: string | undefined;
}

/** A failed request, as in oVirt's REST API; the message is its detail. */
export class Fault extends Error {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly jobId: string | undefined;

  constructor(status: number, detail: string, { reason, headers = {}, jobId }: FaultOptions = {}) {
    super(detail);
    this.status = status;
    this.reason = reason ?? STATUS_CODES[status] ?? 'Error';
    this.headers = headers;
    this.jobId = jobId;
  }

  /** The content of a `<fault>`. */
  get members(): Members {
    return { reason: this.reason, detail: this.message };
  }
}

const STATUS: Readonly<Partial<Record<ErrorName, number>>> = {
  AccessDenied: 403,
  NoSuchVM: 404,
  InvalidParams: 400,
  InvalidParameter: 400,
  MissingParameter: 400,
  VMIsDown: 409,
  BalloonError: 409,
  HotplugMemFailed: 409,
  HotunplugMemFailed: 409,
  NotEnoughResources: 429,
  Recovering: 503,
};
/** Retry-After in seconds by status. */
const RETRY_AFTER: Readonly<Record<number, string>> = { 429: '1', 503: '5' };

/** Returns the fault of a verb's error. */
export function faultOf({ name, message, data }: VdsmError): Fault {
  const [, reason] = errors[name];
  const status = STATUS[name] ?? 500;
  const retryAfter = RETRY_AFTER[status];
  const prefix = `${reason}: `;
  const detail = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return new Fault(status, detail, { reason, headers, jobId: data.job_id });
}
