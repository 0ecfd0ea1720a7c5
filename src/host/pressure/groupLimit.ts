import { posix } from 'node:path';
import { KiB } from '../../common/units.ts';
import type { HostFiles } from '../report/files.ts';
import type { GroupLimit } from './hostPressure.ts';

const BYTES_PER_KIB = 1024;

/** The files of the two versions of control groups; the last lists are of `memory.stat`. */
const VERSIONS = [
  {
    limits: ['memory.max', 'memory.high'],
    used: 'memory.current',
    droppable: ['inactive_file', 'active_file', 'slab_reclaimable'],
  },
  {
    limits: ['memory.limit_in_bytes'],
    used: 'memory.usage_in_bytes',
    droppable: ['total_inactive_file', 'total_active_file'],
  },
] as const;

type Version = (typeof VERSIONS)[number];

/** What bounds a limit that counts. */
export interface Host {
  /** A limit that is not below it is none. */
  readonly total: KiB;
  /** Guest memory that the kernel counts as file cache. */
  readonly fileBacked: KiB;
}

/** Returns the limit that leaves least, of a group and of those above it; undefined if none has a limit. */
export async function tightestLimit(
  files: HostFiles,
  folder: string,
  host: Host,
): Promise<GroupLimit | undefined> {
  const found = await Promise.all(
    upwards(folder).flatMap((group) =>
      VERSIONS.map((version) => limitOf(files, group, version, host)),
    ),
  );
  return found.flat().reduce<GroupLimit | undefined>(tighter, undefined);
}

/** Returns whether a folder is that of a control group with memory files. */
export async function isMemoryGroup(files: HostFiles, folder: string): Promise<boolean> {
  const used = await Promise.all(VERSIONS.map((each) => files.text(`${folder}/${each.used}`)));
  return used.some((text) => text !== undefined);
}

/** Where control groups are mounted: nothing above has their files. */
const MOUNT = /^\/?sys\/fs\/cgroup$/;

function upwards(folder: string): string[] {
  const parent = posix.dirname(folder);
  const isTop = parent === folder || parent === '.' || MOUNT.test(folder);
  return isTop ? [folder] : [folder, ...upwards(parent)];
}

async function limitOf(
  files: HostFiles,
  group: string,
  version: Version,
  { total, fileBacked }: Host,
): Promise<GroupLimit[]> {
  const limits = await Promise.all(
    version.limits.map(async (name) => {
      const path = posix.join('/', group, name);
      return { path, limit: await sizeIn(files, `${group}/${name}`) };
    }),
  );
  const set = limits.flatMap(({ path, limit }) =>
    limit === undefined || limit >= total ? [] : [{ path, limit }],
  );
  if (set.length === 0) return [];
  const used = await sizeIn(files, `${group}/${version.used}`);
  if (used === undefined) return [];
  const stat = (await files.text(`${group}/memory.stat`)) ?? '';
  const cache = version.droppable.reduce((all, name) => all + bytesIn(stat, name), 0);
  const droppable = Math.max(0, Math.floor(cache / BYTES_PER_KIB) - fileBacked);
  return set.map((each) => ({ ...each, used: KiB(Math.max(0, used - droppable)) }));
}

const tighter = (one: GroupLimit | undefined, other: GroupLimit): GroupLimit =>
  one && roomIn(one) <= roomIn(other) ? one : other;

/** What a limit still allows. */
export const roomIn = ({ limit, used }: GroupLimit): KiB => KiB(Math.max(0, limit - used));

/** Returns the size in a file, rounded down; undefined for `max` and for anything that is no number. */
async function sizeIn(files: HostFiles, path: string): Promise<KiB | undefined> {
  const text = (await files.text(path))?.trim() ?? '';
  return /^\d+$/.test(text) ? KiB(Math.floor(Number(text) / BYTES_PER_KIB)) : undefined;
}

const bytesIn = (stat: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
