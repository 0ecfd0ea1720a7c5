import { KiB, Milliseconds } from '../../../common/units.ts';
import { HypervisorError } from '../../hypervisor.ts';

/** How one simulated guest manages its memory. */
export interface Behaviour {
  /** From power-on until kernel and balloon driver run. */
  readonly bootTime: Milliseconds;
  /** Whether the guest has drivers for balloon and virtio-mem. */
  readonly driver: boolean;
  /** Whether the balloon driver reports statistics. */
  readonly statistics: boolean;
  /** From a request to a balloon at rest until it moves. */
  readonly balloonDelay: Milliseconds;
  /** How much the balloon grows or shrinks per second. */
  readonly balloonRate: KiB;
  /** Whether the guest brings plugged memory online, and how long a DIMM takes. */
  readonly onlines: boolean;
  readonly onlineTime: Milliseconds;
  /** Its reply to a request for a DIMM; virtio-mem shrinks only with `gives-back`. */
  readonly unplug: 'gives-back' | 'refuses' | 'ignores';
  /** How long it takes to release a DIMM, or to find that it cannot. */
  readonly unplugTime: Milliseconds;
  /** How much virtio-mem grows or shrinks per second. */
  readonly virtioMemRate: KiB;
  readonly shutdown: 'obeys' | 'ignores';
  readonly shutdownTime: Milliseconds;
  /** Whether it has a swap area, half as large as the boot memory. */
  readonly swap: boolean;
  /** Whether the size of the working set varies. */
  readonly busy: boolean;
}

/** A well-behaved guest; the times are those of a small Linux under QEMU. */
export const ordinary: Behaviour = {
  bootTime: Milliseconds(3000),
  driver: true,
  statistics: true,
  balloonDelay: Milliseconds(0),
  balloonRate: KiB(256 * 1024),
  onlines: true,
  onlineTime: Milliseconds(500),
  unplug: 'gives-back',
  unplugTime: Milliseconds(800),
  virtioMemRate: KiB(256 * 1024),
  shutdown: 'obeys',
  shutdownTime: Milliseconds(2000),
  swap: true,
  busy: false,
};

const words: Readonly<Record<string, Partial<Behaviour>>> = {
  'no-driver': { driver: false },
  'no-stats': { statistics: false },
  'no-online': { onlines: false },
  'no-swap': { swap: false },
  'refuses-unplug': { unplug: 'refuses' },
  'ignores-unplug': { unplug: 'ignores' },
  'slow-unplug': { unplugTime: Milliseconds(8000) },
  'slow-virtio-mem': { virtioMemRate: KiB(16 * 1024) },
  'ignores-shutdown': { shutdown: 'ignores' },
  'slow-balloon': { balloonRate: KiB(16 * 1024) },
  busy: { busy: true },
  'slow-boot': { bootTime: Milliseconds(12_000) },
};

/**
 * Reads the behaviour from a kernel command line: `vmemd.sim=` with a comma-separated list of words. Throws `invalid`
 * for an unknown word.
 */
export function behaviourOf(commandLine: string): Behaviour {
  const list = /(?:^|\s)vmemd\.sim=(\S*)/.exec(commandLine)?.[1] ?? '';
  return list
    .split(',')
    .filter((word) => word !== '')
    .reduce((behaviour, word) => ({ ...behaviour, ...meaning(word) }), ordinary);
}

function meaning(word: string): Partial<Behaviour> {
  const known = Object.hasOwn(words, word) ? words[word] : undefined;
  if (known) return known;
  throw new HypervisorError(
    'invalid',
    `unknown word '${word}' in vmemd.sim, use some of: ${Object.keys(words).join(', ')}`,
  );
}
