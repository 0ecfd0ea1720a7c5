import { floorMiB, type KiB } from '../common/units.ts';
import { isBelow } from '../memory/balloonMotion.ts';
import { deviceState } from '../memory/deviceState.ts';
import { balloonObstacle } from '../vm/balloonObstacle.ts';
import { movingOf } from '../vm/report/balloonReport.ts';
import type { SwapRates } from '../vm/report/stats.ts';
import { whyNoSample, whyUnknown } from '../vm/report/usage.ts';
import { HUNG, type Vm } from '../vm/vm.ts';
import type { Warning } from './shown.ts';

/** Slower swapping is not worth a warning, in KiB per second. */
const SWAPPING = 256;

/** Returns what an administrator should look at, as sentences; nothing for a VM that does not run. */
export function vmWarnings(vm: Vm, swap: SwapRates | undefined): Warning[] {
  if (!vm.isAlive) return [];
  return [
    ...runWarnings(vm),
    ...balloonWarnings(vm),
    ...guaranteeWarnings(vm),
    ...swapWarnings(swap),
    ...deviceWarnings(vm),
  ];
}

export const unreadableWarning = (id: string, reason: string): Warning => ({
  kind: 'unreadable',
  text: `vmemd cannot read this domain: ${reason}; look at virsh dumpxml ${id}`,
});

function* runWarnings(vm: Vm): Iterable<Warning> {
  const { freshness, statsPeriodProblem } = vm;
  const silence = whyNoSample(vm);
  if (vm.isHung === true) yield { kind: 'not-answering', text: HUNG };
  else if (silence !== undefined) yield { kind: 'not-answering', text: silence };
  if (vm.pauseCode === 'EOTHER') {
    const text =
      'the hypervisor paused the VM after an I/O error: look at its storage, then resume it';
    yield { kind: 'paused-by-error', text };
  }
  if (statsPeriodProblem !== undefined) yield { kind: 'stats-period', text: statsPeriodProblem };
  else if (silence === undefined && UNREPORTED.has(freshness.state)) {
    yield { kind: 'not-reporting', text: whyUnknown(vm) ?? 'the guest does not report' };
  }
}

const UNREPORTED: ReadonlySet<string> = new Set(['stale', 'no-values', 'never', 'no-period']);

function* balloonWarnings(vm: Vm): Iterable<Warning> {
  if (balloonObstacle(vm) !== undefined) return;
  const current = vm.samples.newest?.current;
  const moving = movingOf(vm);
  if (current === undefined) return;
  const stands = `the balloon leaves ${mib(current)} instead of ${mib(vm.balloonTarget)}`;
  if (moving === 'stuck') {
    const text = `${stands} and has stopped to move: the guest has no balloon driver, or cannot give more memory back`;
    yield { kind: 'balloon-stuck', text };
  }
  if (moving === 'moved-outside') {
    const text = `${stands}: the guest or another program has moved it`;
    yield { kind: 'balloon-moved-outside', text };
  }
}

function* guaranteeWarnings(vm: Vm): Iterable<Warning> {
  const { guaranteed, promised, samples } = vm;
  if (guaranteed === undefined || promised === undefined) return;
  if (promised > vm.memory) {
    const text = `${mib(promised)} are guaranteed, but the VM has ${mib(vm.memory)}: plug memory, or lower the guarantee`;
    yield { kind: 'guarantee-above-memory', text };
  }
  const current = vm.isAnswering ? samples.newest?.current : undefined;
  if (current === undefined || !isBelow(current, guaranteed)) return;
  const text = `the balloon leaves ${mib(current)}, less than the guaranteed ${mib(guaranteed)}; ${
    vm.balloonTarget < guaranteed ?
      'raise its target with VM.setBalloonTarget'
    : 'the guest does not have it back yet'
  }`;
  yield { kind: 'below-guarantee', text };
}

function* swapWarnings(swap: SwapRates | undefined): Iterable<Warning> {
  if (!swap || swap.in + swap.out < SWAPPING) return;
  const text = `the guest swaps, ${kib(swap.in)} in and ${kib(swap.out)} out per second: it needs more memory`;
  yield { kind: 'swapping', text };
}

function* deviceWarnings(vm: Vm): Iterable<Warning> {
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

const mib = (size: KiB): string => `${String(floorMiB(size))} MiB`;
const kib = (size: number): string => `${String(size)} KiB`;
