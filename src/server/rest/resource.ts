import { type MiB, toBytes, toKiB } from '../../common/units.ts';
import type { VerbClient } from './verbClient.ts';
import type { Body } from './body.ts';
import { Fault } from './fault.ts';
import type { Members } from './representation.ts';

/** A request as resources see it. */
export interface RestRequest {
  readonly ask: VerbClient;
  /** What hrefs begin with: the prefix under which the client came. */
  readonly base: string;
  readonly query: URLSearchParams;
  /** What the body says of the VM; undefined unless something is put. */
  readonly body: Body | undefined;
}

export interface Answer {
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The name of the representation's root element. */
  readonly root: string;
  readonly members: Members;
}

type Handle = (request: RestRequest) => Promise<Answer>;

/** What can be done with a resource. */
export interface Resource {
  readonly GET: Handle;
  readonly PUT?: Handle;
}

/** A query parameter that is true or false; throws a {@link Fault} for any other value. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Fault(400, `${name} is "${value}"; give true or false.`);
}

/**
 * Throws a {@link Fault} for a query parameter that is none of these, in whose place another may have been meant, and
 * for one that stands twice, of which only one would count.
 */
export function refuseOthers(query: URLSearchParams, known: readonly string[]): void {
  const names = [...query.keys()];
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) {
    const what = `The parameter "${other.slice(0, 100)}" is not known here`;
    throw new Fault(400, `${what}; known are ${known.join(', ')}.`);
  }
  const twice = names.find((name, index) => names.includes(name, index + 1));
  if (twice === undefined) return;
  throw new Fault(400, `The parameter "${twice}" stands twice; give it once.`);
}

/** oVirt's parameters that name a request, or ask for more or less detail than there is to tell here. */
const HARMLESS = ['all_content', 'correlation_id', 'filter', 'follow', 'ovf_as_ova'];

/** A handle of GET that takes these query parameters, and those of oVirt's that change nothing here. */
export const reading =
  (handle: Handle, ...known: readonly string[]): Handle =>
  async (request) => {
    refuseOthers(request.query, [...known, ...HARMLESS]);
    return handle(request);
  };

/** The same size in bytes, in which the REST API tells sizes. */
export const inBytes = (size: MiB | undefined): number | undefined =>
  size === undefined ? undefined : toBytes(toKiB(size));

export const hrefOfVm = (base: string, vmId: string): string => `${base}/vms/${vmId}`;

export const hrefOfJobs = (base: string, vmId: string): string => `${hrefOfVm(base, vmId)}/jobs`;

export const hrefOfJob = (base: string, vmId: string, jobId: string): string =>
  `${hrefOfJobs(base, vmId)}/${encodeURIComponent(jobId)}`;
