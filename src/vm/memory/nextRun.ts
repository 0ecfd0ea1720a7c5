import type { CallOptions } from '../../host/hypervisor.ts';
import type { NextRunSize } from '../../memory/nextRunSize.ts';
import { isOpen } from '../../memory/transition.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';
import { sendNextRunXml } from './hypervisorCalls.ts';
import { lostStart, withNextRunSize } from './nextRunXml.ts';

export interface NextRun {
  readonly outcome: 'updated' | 'kept';
  readonly warnings: readonly string[];
  /** Whether the configuration could not be written. */
  readonly hasFailed?: true;
}

/**
 * Gives the next run the size of a step, as long as only this run's requests changed it. Never throws: the step stays
 * open if its configuration could not be written, and the warning says so.
 */
export async function sendNextRun(vm: Vm, ref: StepRef, options: CallOptions): Promise<NextRun> {
  const step = vm.operations.step(ref);
  if (step?.kind !== 'next-run' || !isOpen(step)) return { outcome: 'kept', warnings: [] };
  vm.operations.apply(ref, 'send');
  const next = await update(vm, step, options, (xml) => sendNextRunXml(vm, xml, options));
  if (!next.hasFailed) vm.operations.conclude(ref, 'seen');
  return next;
}

/** What {@link sendNextRun} would return; nothing is written. */
export const planNextRun = (vm: Vm, size: NextRunSize, options: CallOptions): Promise<NextRun> =>
  update(vm, size, options, () => Promise.resolve());

async function update(
  vm: Vm,
  size: NextRunSize,
  options: CallOptions,
  write: (xml: string) => Promise<void>,
): Promise<NextRun> {
  try {
    const xml = await vm.nextRun.read(options);
    const changed = xml === undefined ? undefined : withNextRunSize(xml, size);
    if (xml === undefined || changed === undefined) return { outcome: 'kept', warnings: [] };
    if (changed !== xml) await write(changed);
    const warning = lostStart(xml, changed);
    return { outcome: 'updated', warnings: warning === undefined ? [] : [warning] };
  } catch (error) {
    const warning = `the next run keeps its former size: ${(error as Error).message}`;
    return { outcome: 'kept', warnings: [warning], hasFailed: true };
  }
}
