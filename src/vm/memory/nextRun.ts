import { withMemory, withMetadata } from '../../domain-xml/edit.ts';
import { guaranteeOf } from '../../domain-xml/metadata.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import type { Domain } from '../../domain-xml/types.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { type MemoryJob, type Size, wasNotDone } from '../../memory/jobs.ts';
import { providedMemory } from '../../memory/virtioMem.ts';
import { floorMiB, KiB, MiB, toKiB } from '../../common/units.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Vm } from '../vm.ts';

/** What a client asks for, and the sizes one of which the next run's configuration has unless somebody else changed it. */
export interface RunChange extends Size {
  readonly before: readonly Partial<Size>[];
}

export interface NextRun {
  readonly outcome: 'updated' | 'kept';
  readonly warnings: readonly string[];
}

/**
 * Lets the next run begin with the memory asked for, not rounded to DIMMs, and with the guarantee; each only where the
 * configuration's memory, and its guarantee, are among those `before`. Never throws: what cannot be written is warned of.
 */
export async function updateNextRun(
  vm: Vm,
  change: RunChange,
  bound: CallOptions,
): Promise<NextRun> {
  const next = await withNextRun(vm, change, bound, (xml) =>
    vm.hypervisor.setNextRunXml(vm.id, xml, bound),
  );
  // What was asked for before counts no more.
  if (next.warnings.length === 0) vm.jobs.settle('nextRunBefore');
  return next;
}

/** The same for what a job was begun for, if that is still owed and anything came of the job. */
export async function settleNextRun(vm: Vm, id: string, bound: CallOptions): Promise<NextRun> {
  const job = vm.jobs.get(id);
  const { requested: memory, guaranteed, nextRunBefore: before } = job ?? {};
  if (!job || memory === undefined || !before) return { outcome: 'kept', warnings: [] };
  if (!wasNotDone(job)) return updateNextRun(vm, { memory, guaranteed, before }, bound);
  vm.jobs.settle('nextRunBefore', [id]);
  return { outcome: 'kept', warnings: [] };
}

/** What {@link updateNextRun} would answer; nothing is written. */
export const planNextRun = (vm: Vm, change: RunChange, bound: CallOptions): Promise<NextRun> =>
  withNextRun(vm, change, bound, () => Promise.resolve());

async function withNextRun(
  vm: Vm,
  change: RunChange,
  bound: CallOptions,
  write: (xml: string) => Promise<void>,
): Promise<NextRun> {
  try {
    const xml = await vm.hypervisor.nextRunXml(vm.id, bound);
    const changed = xml === undefined ? undefined : edited(xml, change);
    if (changed === undefined) return { outcome: 'kept', warnings: [] };
    if (changed !== xml) await write(changed);
    return { outcome: 'updated', warnings: [] };
  } catch (error) {
    const warning = `the next run begins with the memory of before: ${(error as Error).message}`;
    return { outcome: 'kept', warnings: [warning] };
  }
}

/** The configuration with the change; itself where it has that already, undefined where it is somebody else's. */
function edited(xml: string, { memory, guaranteed, before }: RunChange): string | undefined {
  const next = parseDomain(xml);
  const hasMemory = has(next, memory);
  if (!hasMemory && !before.some((size) => has(next, size.memory))) return undefined;
  const resized = hasMemory ? xml : withMemory(xml, toKiB(memory));
  const promised = guaranteeIn(next);
  const isAsBefore = before.some((size) => size.guaranteed === promised);
  return guaranteed !== undefined && guaranteed !== promised && isAsBefore ?
      withMetadata(resized, { memGuaranteedSize: guaranteed })
    : resized;
}

/** Whether a domain begins with that much memory, rounded up to the blocks of its virtio-mem devices. */
function has(domain: Domain, memory: MiB | undefined): boolean {
  if (memory === undefined) return false;
  const blocks = domain.memoryDevices.map(({ virtioMem }) => virtioMem?.block ?? 0);
  const above = providedMemory(domain) - toKiB(memory);
  return above >= 0 && above < Math.max(toKiB(MiB(1)), ...blocks);
}

/** The sizes that the next run's configuration has if only this run's requests made it; `before` is this run's memory. */
export function earlierSizes(
  { jobs: { all }, guaranteed }: Vm,
  before: KiB,
): readonly Partial<Size>[] {
  const sizes = [
    { memory: floorMiB(before), guaranteed: floorMiB(guaranteed) },
    lastAsked(all),
    ...all.flatMap(({ nextRunBefore = [] }) => nextRunBefore),
  ];
  const isFirst = (size: Partial<Size>, index: number): boolean =>
    sizes.findIndex((one) => isSameSize(one, size)) === index;
  return sizes.filter(isFirst).slice(0, MOST_SIZES);
}

/** As many are kept in mind where the next run cannot be written. */
const MOST_SIZES = 16;

const isSameSize = (one: Partial<Size>, other: Partial<Size>): boolean =>
  one.memory === other.memory && one.guaranteed === other.guaranteed;

/** What was asked for last. */
export const lastAsked = (jobs: readonly MemoryJob[]): Partial<Size> =>
  omitUndefined({
    memory: jobs.findLast(({ requested }) => requested !== undefined)?.requested,
    guaranteed: jobs.findLast(({ guaranteed }) => guaranteed !== undefined)?.guaranteed,
  });

const guaranteeIn = ({ metadata, minGuarantee }: Domain): MiB =>
  guaranteeOf(metadata) ?? floorMiB(minGuarantee ?? KiB(0));
