/** Where the two versions of control groups are mounted, and what each calls its files. */
const HIERARCHIES = { v1: 'sys/fs/cgroup/memory', v2: 'sys/fs/cgroup' } as const;

/** The groups of one guest: of systemd-machined (machine-qemu\x2d1\x2dweb.scope), and of libvirt without it. */
const OF_ONE_GUEST = /^machine-qemu.*\.scope$|\.libvirt-qemu$/;
/** The group of all guests where none runs yet. */
const MACHINES = 'machine.slice';

/**
 * Returns the folders that may hold the limits of the control group that all guests are in, the likeliest first, from
 * the texts of their /proc/PID/cgroup; none if it is out of sight, as from within a container.
 */
export function guestGroups(texts: readonly string[]): string[] {
  if (texts.length === 0) {
    return [HIERARCHIES.v2, HIERARCHIES.v1].map((mount) => `${mount}/${MACHINES}`);
  }
  const [first = [], ...others] = texts.map(pathOf);
  const length = others.reduce((shared, path) => sharedLength(path, first, shared), first.length);
  const common = first.slice(0, length);
  return common.includes('..') || common.length === 0 ? [] : [common.join('/')];
}

/** Returns the path of a process's memory group without the part that is its guest's alone, from the root folder. */
function pathOf(text: string): string[] {
  const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(text)?.[1];
  const v2 = /^0::(\/.*)$/m.exec(text)?.[1];
  const path = v1 ?? v2;
  if (path === undefined) return [];
  const mount = v1 === undefined ? HIERARCHIES.v2 : HIERARCHIES.v1;
  const segments = path.split('/').filter(Boolean);
  const own = segments.findIndex((segment) => OF_ONE_GUEST.test(segment));
  return [...mount.split('/'), ...(own < 0 ? segments : segments.slice(0, own))];
}

function sharedLength(path: readonly string[], other: readonly string[], most: number): number {
  const differs = other.slice(0, most).findIndex((segment, index) => segment !== path[index]);
  return differs < 0 ? Math.min(most, path.length) : differs;
}
