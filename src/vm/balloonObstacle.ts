import { floorMiB, KiB, MiB, toKiB } from '../common/units.ts';
import type { Vm } from './vm.ts';

/** Returns why this VM's balloon cannot be used, as a text for users; undefined if it can. */
export function balloonObstacle({ domain }: Vm): string | undefined {
  if (!domain.balloon || domain.balloon.model === 'none') return 'the VM has no balloon device';
  if (domain.metadata?.ballooningEnabled === false) return 'ballooning is off for this VM';
  return undefined;
}

/** Returns why this VM is not offered for ballooning, as a text for users; undefined if it is. */
export const notOffered = (vm: Vm): string | undefined =>
  balloonObstacle(vm) ?? (vm.mayBalloon ? undefined : NOT_ASKED_FOR);

const NOT_ASKED_FOR =
  'another program created this VM, and it has no guarantee; set one with VM.setGuaranteedMemory or a target with VM.setBalloonTarget to have it ballooned';

/** Returns a warning that an unplug may fail because of the balloon; undefined while the balloon holds nothing. */
export function inflatedBalloon(vm: Vm): string | undefined {
  const held = vm.samples.newest?.balloonHeld ?? KiB(0);
  if (held < MIB) return undefined;
  return `the balloon holds ${String(floorMiB(held))} MiB: a guest that is short of memory may keep its devices, and gives pages of the balloon back first; deflate it before`;
}

const MIB = toKiB(MiB(1));
