import { KiB } from '../../../common/units.ts';
import { between } from './random.ts';
import type { Guest, Report } from './guest.ts';

const PAGE = 4;
const MIB = 1024;
/** A kernel's image and tables: a fixed part, and one `struct page` of 64 bytes per page. */
const KERNEL_IMAGE = 24 * MIB;
const PAGES_PER_TABLE_PAGE = 64;
/** The least memory that a guest keeps for its programs. */
const LEAST_ROOM = 32 * MIB;
/** Files read since boot in KiB per millisecond, and the largest share of memory that they fill. */
const CACHE_RATE = 2;
const CACHE_SHARE = 0.3;
/** The part of the page cache that counts as usable. */
const RECLAIMABLE = 0.75;
/** What Linux keeps free, as measured in a guest of 1 GiB. */
const WATERMARK = 64 * MIB;
const QEMU_OVERHEAD = 36 * MIB;
const MINOR_FAULTS_PER_SECOND = 40;
const FAULTS_OF_BOOT = 900;

/** Boot memory and DIMMs: the balloon's maximum. */
export const memory = (guest: Guest): KiB =>
  KiB(guest.dimms.reduce<number>((sum, { size }) => sum + size, guest.bootMemory));

const virtioMemInUse = ({ virtioMems }: Guest): number =>
  virtioMems.reduce((sum, device) => sum + device.current, 0);

/** All memory, with virtio-mem at its full size: libvirt's `<memory>`. */
export const wholeMemory = (guest: Guest): KiB =>
  KiB(guest.virtioMems.reduce<number>((sum, { size }) => sum + size, memory(guest)));

const online = (guest: Guest): number =>
  guest.dimms.reduce<number>(
    (sum, dimm) => sum + (dimm.online ? dimm.size : 0),
    guest.bootMemory + virtioMemInUse(guest),
  );

const kernel = (guest: Guest): number =>
  toPages(Math.min(KERNEL_IMAGE, guest.bootMemory / 4) + online(guest) / PAGES_PER_TABLE_PAGE);

export const swapSize = (guest: Guest): number =>
  guest.behaviour.swap ? toPages(guest.bootMemory / 2) : 0;

/** The balloon's current size. */
export function balloonSize({ balloon, age, behaviour }: Guest): KiB {
  const way = (Math.max(0, age - balloon.since) * behaviour.balloonRate) / 1000;
  const left = Math.abs(balloon.to - balloon.from) - way;
  return KiB(
    left < 1 ? balloon.to : toPages(balloon.to - Math.sign(balloon.to - balloon.from) * left),
  );
}

/** What the balloon leaves to the guest: libvirt's `balloon.current`. */
export const current = (guest: Guest): KiB => KiB(memory(guest) - balloonSize(guest));

/** What the balloon leaves, plus virtio-mem in use: libvirt's `<currentMemory>`. */
export const wholeCurrent = (guest: Guest): KiB => KiB(current(guest) + virtioMemInUse(guest));

/** The size nearest to the requested one that a balloon of size `now` can reach. */
export function reachableBalloon(guest: Guest, now: KiB): number {
  if (!guest.booted || !guest.hasBalloon || !guest.behaviour.driver) return now;
  const bearable = Math.max(0, mostToSpare(guest));
  const limit = guest.autodeflate ? bearable : Math.max(bearable, now);
  const wanted = guest.reachedRequest ? Math.min(guest.requested, now) : guest.requested;
  return toPages(Math.max(0, Math.min(wanted, limit)));
}

/** Whether the balloon has reached the requested size since the last request. */
export const hasReachedRequest = (guest: Guest): boolean =>
  guest.reachedRequest || balloonSize(guest) === toPages(guest.requested);

/** How much of its current memory the guest can spare; negative if it has too little already. */
export const sparable = (guest: Guest): number => mostToSpare(guest) - balloonSize(guest);

const mostToSpare = (guest: Guest): number =>
  online(guest) - kernel(guest) - Math.max(LEAST_ROOM, guest.workingSet - swapSize(guest));

/** Memory left for programs and page cache. */
export const room = (guest: Guest): number =>
  Math.max(0, online(guest) - kernel(guest) - balloonSize(guest));

/**
 * The total that the guest reports. It contains the page tables of plugged memory, but not those of boot memory. Linux
 * subtracts the balloon from it, unless the balloon can deflate by itself.
 */
const total = (guest: Guest): number =>
  room(guest) +
  (guest.autodeflate ? balloonSize(guest) : 0) +
  toPages((online(guest) - guest.bootMemory) / PAGES_PER_TABLE_PAGE);

/** By how much the working set exceeds the room; negative if there is room to spare. */
export const deficit = (guest: Guest): number =>
  guest.booted ? guest.workingSet - room(guest) : -room(guest);

/** The part of the working set that is in swap. */
export const swapped = (guest: Guest): number =>
  Math.min(Math.max(0, deficit(guest)), swapSize(guest));

const resident = (guest: Guest): number =>
  guest.booted ? Math.min(guest.workingSet, room(guest)) : 0;

function pageCache(guest: Guest): number {
  const read = Math.max(0, guest.age - guest.behaviour.bootTime) * CACHE_RATE;
  const wanted = Math.min(read, online(guest) * CACHE_SHARE);
  return toPages(Math.min(wanted, room(guest) - resident(guest)));
}

/** Linux's estimate (MemAvailable): free memory above the watermarks, and all but a small part of the page cache. */
const available = (unused: number, cache: number): number =>
  Math.max(0, toPages(unused + cache - Math.min(cache / 2, WATERMARK) - WATERMARK));

/** Host memory that the guest occupies, including its QEMU. */
export function residentOnHost(guest: Guest): KiB {
  const started = Math.min(1, guest.age / guest.behaviour.bootTime);
  const backed = guest.contents?.backed ?? resident(guest) + pageCache(guest);
  const used = toPages(kernel(guest) * started + backed);
  return KiB(QEMU_OVERHEAD + Math.min(used, wholeCurrent(guest)));
}

/** The statistics that the balloon driver would send now. */
export function measured(guest: Guest): Omit<Report, 'at'> {
  const { contents } = guest;
  const used = contents ? toPages(contents.used - contents.swapped) : resident(guest);
  const cache = contents ? toPages(contents.cached + contents.streamed) : pageCache(guest);
  const unused = Math.max(0, room(guest) - used - cache);
  return {
    available: KiB(total(guest)),
    unused: KiB(unused),
    usable: KiB(contents ? available(unused, cache) : unused + toPages(cache * RECLAIMABLE)),
    diskCaches: KiB(cache),
    swapIn: KiB(toPages(guest.swapIn)),
    swapOut: KiB(toPages(guest.swapOut)),
    majorFaults: FAULTS_OF_BOOT + Math.floor((contents?.faulted ?? guest.swapIn) / PAGE),
    minorFaults: Math.floor((guest.age / 1000) * MINOR_FAULTS_PER_SECOND),
  };
}

/** Milliseconds of work of its virtual CPUs. */
export const cpuTime = ({ age, vcpus, seed, cpuTimeBefore }: Guest): number =>
  cpuTimeBefore + age * vcpus * between(0.01, 0.15, seed, 'load');

const toPages = (size: number): number => Math.floor(size / PAGE) * PAGE;
