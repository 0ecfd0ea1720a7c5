import { canonicalUuid } from '../../common/uuid.ts';
import { reportedDevices } from './deviceMembers.ts';
import { entry } from './entry.ts';
import { Fault } from './fault.ts';
import { newestJobs, oneJob } from './jobMembers.ts';
import { putVm } from './putVm.ts';
import type { Members } from './members.ts';
import { flag, reading, type Resource, type RestRequest } from './resource.ts';
import { found, limited } from './search.ts';
import { statistic, statistics } from './statisticMembers.ts';
import { isAction, runAction } from './vmActions.ts';
import { allVms, oneVm } from './vmMembers.ts';

/** The paths of the API; clients may name its version, then all links do. */
const BASES = ['/api/v4', '/api', '/ovirt-engine/api/v4', '/ovirt-engine/api'] as const;

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
  const [collection, id, kind, member, ...more] = segments;
  if (collection === undefined) return { GET: reading(entry) };
  if (collection !== 'vms' || more.length > 0) throw nothingAt(base);
  if (id === undefined) return list('vms', 'vm', listed, 'case_sensitive', 'search');
  const vmId = vmIdOf(id);
  if (kind === undefined) return vmAt(vmId);
  const resource =
    member === undefined ? collectionAt(vmId, kind) : memberAt(vmId, kind, decoded(member, base));
  if (!resource) throw nothingAt(base);
  return resource;
}

const vmAt = (vmId: string): Resource => ({
  GET: reading(async (request) => {
    const nextRun = flag(request.query, 'next_run') ?? false;
    return { root: 'vm', members: await oneVm(vmId, request, { nextRun }) };
  }, 'next_run'),
  PUT: (request) => putVm(vmId, request),
});

/** The collection or the action of that name below a VM. */
function collectionAt(vmId: string, name: string): Resource | undefined {
  if (isAction(name)) return { POST: (request) => runAction(vmId, name, request) };
  switch (name) {
    case 'reporteddevices':
      return list('reported_devices', 'reported_device', (request) =>
        reportedDevices(vmId, request),
      );
    case 'jobs':
      return list('jobs', 'job', (request) => newestJobs(vmId, request));
    case 'statistics':
      return list('statistics', 'statistic', (request) => statistics(vmId, request));
    default:
      return undefined;
  }
}

function memberAt(vmId: string, collection: string, id: string): Resource | undefined {
  if (collection === 'jobs') return single('job', (request) => oneJob(vmId, id, request));
  if (collection === 'statistics') {
    return single('statistic', (request) => statistic(vmId, id, request));
  }
  return undefined;
}

type Read<R> = (request: RestRequest) => Promise<R>;

/** A collection, of which clients may request the first `max` items. */
const list = (
  root: string,
  item: string,
  read: Read<readonly Members[]>,
  ...known: readonly string[]
): Resource => ({
  GET: reading(
    async (request) => ({ root, members: { [item]: limited(await read(request), request) } }),
    'max',
    ...known,
  ),
});

const single = (root: string, read: Read<Members>): Resource => ({
  GET: reading(async (request) => ({ root, members: await read(request) })),
});

const listed = async (request: RestRequest): Promise<readonly Members[]> =>
  found(await allVms(request), request);

const nothingAt = (base: string): Fault =>
  new Fault(
    404,
    `There is no resource here: only VMs with their memory and power are served; begin at ${base}/vms.`,
  );

function vmIdOf(text: string): string {
  const id = canonicalUuid(text);
  if (id !== undefined) return id;
  throw new Fault(404, 'There is no such VM: its id in the path is not a UUID.');
}

function decoded(segment: string, base: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw nothingAt(base);
  }
}
