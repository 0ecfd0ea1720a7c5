import { KiB, Milliseconds } from '../../../common/units.ts';
import { HypervisorError } from '../../hypervisor.ts';
import type { FileUse, Load } from './load.ts';

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
  /** How the size of the working set varies. */
  readonly load: Load;
  /** The usual working set in percent of the boot memory; 20 to 45 if absent. */
  readonly uses?: number;
  /** What its programs do besides, second by second; without it only the size of the working set counts. */
  readonly files?: FileUse;
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
  load: 'steady',
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
  busy: { load: 'busy' },
  wave: { load: 'wave' },
  bursts: { load: 'bursts' },
  leak: { load: 'leak' },
  'streams-files': { files: 'streams' },
  'reads-files': { files: 'reads' },
  churns: { files: 'churns' },
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
  const uses = Number(/^uses-(\d{1,3})%$/.exec(word)?.[1]);
  if (uses >= 1 && uses <= 100) return { uses };
  throw new HypervisorError(
    'invalid',
    `unknown word '${word}' in vmemd.sim, use some of: ${Object.keys(words).join(', ')}, uses-1% to uses-100%`,
  );
}
