import { type MiB, toBytes, toKiB } from '../../common/units.ts';
import type { Body } from './body.ts';
import { Fault } from './fault.ts';
import type { Members } from './representation.ts';
import type { VerbClient } from './verbClient.ts';

/** A request, as resources see it. */
export interface RestRequest {
  readonly call: VerbClient;
  /** The prefix of hrefs: that of the client's own request. */
  readonly base: string;
  readonly query: URLSearchParams;
}

export interface PutRequest extends RestRequest {
  /** The VM in the body. */
  readonly body: Body;
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

/** The methods of a resource. */
export interface Resource {
  readonly GET: Handler;
  readonly PUT?: (request: PutRequest) => Promise<RestResponse>;
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
const IGNORED = ['all_content', 'correlation_id', 'filter', 'follow', 'ovf_as_ova'];

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

export const hrefOfJobs = (base: string, vmId: string): string => `${hrefOfVm(base, vmId)}/jobs`;

export const hrefOfJob = (base: string, vmId: string, jobId: string): string =>
  `${hrefOfJobs(base, vmId)}/${encodeURIComponent(jobId)}`;
