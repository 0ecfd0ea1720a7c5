import { reportedDevices } from './deviceMembers.ts';
import { Fault } from './fault.ts';
import { newestJobs, oneJob } from './jobMembers.ts';
import { putVm } from './putVm.ts';
import { reading, type Resource, type RestRequest, type RestResponse } from './resource.ts';
import { found, limited } from './search.ts';
import { allVms, oneVm } from './vmMembers.ts';

/** The paths of the API; the second is oVirt's own. */
export const BASES = ['/api', '/ovirt-engine/api'] as const;

/** A parsed URL. */
export interface Target {
  readonly base: string;
  /** The segments of the path below the base. */
  readonly segments: readonly string[];
  /** Parameters after `?`, and matrix parameters after `;` in the path, as in oVirt. */
  readonly query: URLSearchParams;
}

/** Parses a URL; returns undefined if it is below none of {@link BASES}. */
export function targetOf(url: string): Target | undefined {
  const [path = '', ...query] = url.split('?');
  const parts = path.split('/').map((part) => part.split(';'));
  const plain = parts.map(([name = '']) => name).join('/');
  const base = BASES.find((each) => plain === each || plain.startsWith(`${each}/`));
  if (base === undefined) return undefined;
  const matrix = parts.flatMap(([, ...parameters]) => parameters);
  return {
    base,
    segments: plain.slice(base.length).replace(/\/$/, '').split('/').slice(1),
    query: new URLSearchParams([...matrix, ...query].join('&')),
  };
}

/** Returns the resource at a path; throws a {@link Fault} if there is none. */
export function resourceAt({ segments, base }: Target): Resource {
  const [collection, id, kind, jobId, ...more] = segments;
  if (collection === undefined) return { GET: reading(entry) };
  if (collection !== 'vms' || more.length > 0) throw nothingAt(base);
  if (id === undefined) return { GET: reading(listed, 'case_sensitive', 'max', 'search') };
  const vmId = vmIdOf(id);
  if (kind === undefined) {
    return {
      GET: reading((request) => shown(vmId, request)),
      PUT: (request) => putVm(vmId, request),
    };
  }
  if (kind === 'reporteddevices' && jobId === undefined) {
    return { GET: reading((request) => devices(vmId, request), 'max') };
  }
  if (kind === 'jobs') {
    if (jobId === undefined) return { GET: reading((request) => jobs(vmId, request), 'max') };
    const named = decoded(jobId, base);
    return { GET: reading((request) => job(vmId, named, request)) };
  }
  throw nothingAt(base);
}

const nothingAt = (base: string): Fault =>
  new Fault(404, `There is no resource here; begin at ${base}/vms.`);

function vmIdOf(text: string): string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new Fault(404, 'There is no such VM: its id in the path is not a UUID.');
}

function decoded(segment: string, base: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw nothingAt(base);
  }
}

async function entry({ call, base }: RestRequest): Promise<RestResponse> {
  const { info } = (await call('rpc.discover', {})) as { readonly info?: { version?: string } };
  return {
    root: 'api',
    members: {
      product_info: { name: 'vmemd', version: { full_version: info?.version } },
      link: [{ rel: 'vms', href: `${base}/vms` }],
      time: new Date(),
    },
  };
}

async function listed(request: RestRequest): Promise<RestResponse> {
  return { root: 'vms', members: { vm: found(await allVms(request), request) } };
}

async function shown(vmId: string, request: RestRequest): Promise<RestResponse> {
  return { root: 'vm', members: await oneVm(vmId, request) };
}

async function devices(vmId: string, request: RestRequest): Promise<RestResponse> {
  const members = { reported_device: limited(await reportedDevices(vmId, request), request) };
  return { root: 'reported_devices', members };
}

async function jobs(vmId: string, request: RestRequest): Promise<RestResponse> {
  return { root: 'jobs', members: { job: limited(await newestJobs(vmId, request), request) } };
}

async function job(vmId: string, jobId: string, request: RestRequest): Promise<RestResponse> {
  return { root: 'job', members: await oneJob(vmId, jobId, request) };
}
