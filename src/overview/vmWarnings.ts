import { floorMiB, type KiB } from '../common/units.ts';
import { isBelow } from '../memory/balloonMotion.ts';
import { deviceState } from '../memory/deviceState.ts';
import { balloonObstacle } from '../vm/balloonObstacle.ts';
import { whyAbsent } from '../vm/report/usage.ts';
import { HUNG } from '../vm/vm.ts';
import type { Seen, Warning } from './shown.ts';

/** Slower swapping is not worth a warning, in KiB per second. */
const SWAPPING = 256;

/** Returns what an administrator should look at of a VM that runs, as sentences. */
export function vmWarnings(seen: Seen): Warning[] {
  const warnings: Warning[] = [];
  for (const check of CHECKS) for (const warning of check(seen)) warnings.push(warning);
  return warnings;
}

export const unreadableWarning = (id: string, reason: string): Warning => ({
  kind: 'unreadable',
  text: `vmemd cannot read this domain: ${reason}; look at virsh dumpxml ${id}`,
});

function* runWarnings({ vm, silence, freshness, usage }: Seen): Iterable<Warning> {
  const { statsPeriodProblem } = vm;
  if (vm.isHung === true) yield { kind: 'not-answering', text: HUNG };
  else if (silence !== undefined) yield { kind: 'not-answering', text: silence };
  if (vm.pauseCode === 'EOTHER') {
    const text =
      'the hypervisor paused the VM after an I/O error: look at its storage, then resume it';
    yield { kind: 'paused-by-error', text };
  }
  if (statsPeriodProblem !== undefined) yield { kind: 'stats-period', text: statsPeriodProblem };
  else if (silence === undefined && UNREPORTED.has(freshness.state)) {
    yield {
      kind: 'not-reporting',
      text: whyAbsent(freshness, usage) ?? 'the guest does not report',
    };
  }
}

const UNREPORTED: ReadonlySet<string> = new Set(['stale', 'no-values', 'never', 'no-period']);

/** KiB; a target that differs by less is the balloon's own size, which another program has chosen. */
const ROUNDING = 1024;

function* balloonWarnings({ vm, moving }: Seen): Iterable<Warning> {
  const current = vm.samples.newest?.current;
  if (current === undefined || (moving !== 'stuck' && moving !== 'moved-outside')) return;
  if (balloonObstacle(vm) !== undefined) return;
  const stands = `the balloon leaves ${mib(current)} instead of ${mib(vm.balloonTarget)}`;
  if (moving === 'stuck') {
    const text = `${stands} and has stopped to move: the guest has no balloon driver, or cannot give more memory back`;
    yield { kind: 'balloon-stuck', text };
  }
  if (moving === 'moved-outside') {
    const isFollowed = Math.abs(current - vm.balloonTarget) < ROUNDING;
    const where = isFollowed ? `the balloon leaves ${mib(current)}` : stands;
    const text = `${where}: the guest or another program has moved it`;
    yield { kind: 'balloon-moved-outside', text };
  }
}

function* guaranteeWarnings({ vm, silence }: Seen): Iterable<Warning> {
  const { guaranteed, promised, samples } = vm;
  if (guaranteed === undefined || promised === undefined) return;
  if (promised > vm.memory) {
    const text = `${mib(promised)} are guaranteed, but the VM has ${mib(vm.memory)}: plug memory, or lower the guarantee`;
    yield { kind: 'guarantee-above-memory', text };
  }
  const current = silence === undefined ? samples.newest?.current : undefined;
  if (current === undefined || !isBelow(current, guaranteed)) return;
  const text = `the balloon leaves ${mib(current)}, less than the guaranteed ${mib(guaranteed)}; ${
    vm.balloonTarget < guaranteed ?
      'raise its target with VM.setBalloonTarget'
    : 'the guest does not have it back yet'
  }`;
  yield { kind: 'below-guarantee', text };
}

function* swapWarnings({ swap }: Seen): Iterable<Warning> {
  if (!swap || swap.in + swap.out < SWAPPING) return;
  const text = `the guest swaps, ${kib(swap.in)} in and ${kib(swap.out)} out per second: it needs more memory`;
  yield { kind: 'swapping', text };
}

function* deviceWarnings({ vm }: Seen): Iterable<Warning> {
  for (const device of vm.domain.memoryDevices) {
    const { state, message } = deviceState(vm.operations.published, device);
    const { alias = 'a memory device' } = device;
    const reason = message === undefined ? '' : `: ${message}`;
    if (state === 'refused') {
      yield { kind: 'unplug-refused', text: `the guest did not give ${alias} back${reason}` };
    }
    if (state === 'not-online') {
      yield { kind: 'not-online', text: `the guest does not use ${alias}${reason}` };
    }
  }
}

const CHECKS = [runWarnings, balloonWarnings, guaranteeWarnings, swapWarnings, deviceWarnings];

const mib = (size: KiB): string => `${String(floorMiB(size))} MiB`;
const kib = (size: number): string => `${String(size)} KiB`;
