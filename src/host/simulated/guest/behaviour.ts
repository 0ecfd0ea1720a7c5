import { KiB, Milliseconds } from '../../../common/units.ts';
import { HypervisorError } from '../../hypervisor.ts';

/** How one simulated guest treats its memory. */
export interface Behaviour {
  /** From power-on until the guest's kernel and its balloon driver answer. */
  readonly bootTime: Milliseconds;
  /** Whether there are drivers for balloon and virtio-mem at all. */
  readonly driver: boolean;
  /** Whether that driver reports statistics. */
  readonly statistics: boolean;
  /** How much the balloon grows or shrinks in a second. */
  readonly balloonRate: KiB;
  /** Whether plugged memory is taken into use, and how long that takes for a DIMM. */
  readonly onlines: boolean;
  readonly onlineTime: Milliseconds;
  /** What it does when asked for memory; virtio-mem it keeps unless it gives back. */
  readonly unplug: 'gives-back' | 'refuses' | 'ignores';
  /** How long it takes to give a DIMM back, or to find that it cannot. */
  readonly unplugTime: Milliseconds;
  /** How much of virtio-mem it takes up or gives back in a second. */
  readonly virtioMemRate: KiB;
  readonly shutdown: 'obeys' | 'ignores';
  readonly shutdownTime: Milliseconds;
  /** Whether the working set may go to a swap area, as large as half the boot memory. */
  readonly swap: boolean;
  /** Whether the working set wanders. */
  readonly busy: boolean;
}

/** A well-behaved guest; the times are those of a small Linux under QEMU. */
export const ordinary: Behaviour = {
  bootTime: Milliseconds(3000),
  driver: true,
  statistics: true,
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
};

/**
 * The behaviour that a kernel command line asks for: `vmemd.sim=` with a comma-separated list of words.
 * Throws `invalid` for a word that is not known.
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
