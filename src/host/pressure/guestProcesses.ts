import type { Clock } from '../../common/clock.ts';
import { nextTurn } from '../../common/nextTurn.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { HostFiles } from '../report/files.ts';
import { guestGroups } from './guestGroup.ts';

/** The processes that run guests, seen from outside. */
export interface GuestProcesses {
  /** Guest memory in ordinary files: the kernel counts it as file cache, and thus as available. */
  readonly fileBacked: KiB;
  /** Their address space: MoM's estimate of what KSM could merge. */
  readonly shareable: KiB;
  /** The folders that may hold the limits of the control group that they share, the likeliest first. */
  readonly groups: readonly string[];
}

/** QEMU under the names that distributions give it; 15 characters, as in /proc/PID/comm. */
const QEMU = /^(?:qemu-system-|qemu-kvm$|kvm$)/;
/** QEMU's own program and libraries are mapped files too: 24 MiB seen with Debian 12's, more with all its modules. */
const OWN_FILES = KiB(64 * 1024);
/** Looking at every process of a host takes 20 µs of CPU time each. */
const SEARCH_INTERVAL = Milliseconds(30_000);
/** Processes that are read before everything else that waits gets its turn. */
const TURN = 100;

/** What a search has found. */
interface Found extends Pick<GuestProcesses, 'groups'> {
  readonly pids: readonly string[];
}

/** Finds the processes of guests in /proc. */
export class GuestProcessReader {
  readonly #files: HostFiles;
  readonly #clock: Clock;
  #searched: { readonly at: Milliseconds; readonly found: Promise<Found> } | undefined;

  constructor(files: HostFiles, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** A guest that has started in the last 30 s may be missing, both in the sums and for the group that all share. */
  async read(): Promise<GuestProcesses> {
    const { pids, groups } = await this.#newestSearch();
    const known = await inTurns(pids, (pid) => this.#guest(pid));
    const sum = (of: 'fileBacked' | 'shareable'): KiB =>
      KiB(known.reduce((all, guest) => all + guest[of], 0));
    return { fileBacked: sum('fileBacked'), shareable: sum('shareable'), groups };
  }

  /** Returns the last search, or a new one if that began 30 s ago; callers during a search share it. */
  #newestSearch(): Promise<Found> {
    const now = this.#clock.now();
    if (!this.#searched || now - this.#searched.at >= SEARCH_INTERVAL) {
      this.#searched = { at: now, found: this.#search() };
    }
    return this.#searched.found;
  }

  /** Reads the groups too: libvirt moves a QEMU into its group as it starts it, and leaves it there. */
  async #search(): Promise<Found> {
    const all = (await this.#files.list('proc')).filter((name) => /^\d+$/.test(name));
    const pids = await inTurns(all, async (pid) => ((await this.#isGuest(pid)) ? pid : undefined));
    const groups = await inTurns(pids, (pid) => this.#files.text(`proc/${pid}/cgroup`));
    return { pids, groups: guestGroups(groups) };
  }

  async #isGuest(pid: string): Promise<boolean> {
    return QEMU.test(((await this.#files.text(`proc/${pid}/comm`)) ?? '').trim());
  }

  async #guest(pid: string) {
    const status = (await this.#files.text(`proc/${pid}/status`)) ?? '';
    const name = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '';
    if (!QEMU.test(name)) return undefined;
    const mapped = Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    const shareable = Number(/^VmSize:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    return { fileBacked: Math.max(0, mapped - OWN_FILES), shareable };
  }
}

/** Returns what `read` finds, in the same order without what it does not find. */
async function inTurns<T>(
  pids: readonly string[],
  read: (pid: string) => Promise<T | undefined>,
): Promise<T[]> {
  const found: T[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % TURN === TURN - 1) await nextTurn();
    const each = await read(pid);
    if (each !== undefined) found.push(each);
  }
  return found;
}
