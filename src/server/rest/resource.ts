import { type MiB, toBytes, toKiB } from '../../common/units.ts';
import type { Body } from './body.ts';
import { Fault } from './fault.ts';
import type { Members } from './members.ts';
import type { VerbClient } from './verbClient.ts';

/** A request, as resources see it. */
export interface RestRequest {
  readonly call: VerbClient;
  /** The prefix of hrefs: that of the client's own request. */
  readonly base: string;
  readonly query: URLSearchParams;
}

/** A request that changes something. */
export interface ChangeRequest extends RestRequest {
  /** The VM or the action in the body. */
  readonly body: Body;
  /** Whether the client prefers a reply of 202 while its change still runs (RFC 7240, `respond-async`). */
  readonly prefersAsync: boolean;
  /** Whether the client takes every other status than 200 for a failure, as all of oVirt's SDKs do. */
  readonly isSdk: boolean;
}

export interface RestResponse {
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The name of the representation's root element. */
  readonly root: string;
  readonly members: Members;
}

type Handler = (request: RestRequest) => Promise<RestResponse>;

type ChangeHandler = (request: ChangeRequest) => Promise<RestResponse>;

/** The methods of a resource. */
export interface Resource {
  readonly GET?: Handler;
  readonly PUT?: ChangeHandler;
  /** Runs an action. */
  readonly POST?: ChangeHandler;
}

/** Returns a boolean query parameter; throws a {@link Fault} for any other value. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Fault(400, `${name} is "${value}"; give true or false.`);
}

/** Throws a {@link Fault} for an unknown query parameter, which may be a misspelt one, and for one given twice. */
export function refuseOthers(query: URLSearchParams, known: readonly string[]): void {
  const names = [...query.keys()];
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) {
    const what = `The parameter "${other.slice(0, 100)}" is not known here`;
    throw new Fault(400, `${what}; known are ${known.join(', ')}.`);
  }
  const twice = names.find((name, index) => names.includes(name, index + 1));
  if (twice === undefined) return;
  throw new Fault(400, `The parameter "${twice}" is given twice; give it once.`);
}

/** oVirt's parameters that have no effect here: they name a request, or select its level of detail. */
const IGNORED = ['all_content', 'correlation_id', 'current', 'filter', 'follow', 'ovf_as_ova'];

/** Returns a handler of GET that accepts these query parameters and the {@link IGNORED} ones. */
export const reading =
  (handle: Handler, ...known: readonly string[]): Handler =>
  async (request) => {
    refuseOthers(request.query, [...known, ...IGNORED]);
    return handle(request);
  };

/** Converts a size to bytes, the REST API's unit. */
export const inBytes = (size: MiB | undefined): number | undefined =>
  size === undefined ? undefined : toBytes(toKiB(size));

export const hrefOfVm = (base: string, vmId: string): string => `${base}/vms/${vmId}`;

export const hrefOfStatistics = (base: string, vmId: string): string =>
  `${hrefOfVm(base, vmId)}/statistics`;

export const hrefOfJobs = (base: string, vmId: string): string => `${hrefOfVm(base, vmId)}/jobs`;

export const hrefOfJob = (base: string, vmId: string, jobId: string): string =>
  `${hrefOfJobs(base, vmId)}/${encodeURIComponent(jobId)}`;
