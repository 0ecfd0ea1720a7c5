import { type CallOptions, HypervisorError } from '../../host/hypervisor.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Vm } from '../vm.ts';
import { guaranteeRetry, keepTargetGuaranteed, tryDueGuarantee } from './setGuarantee.ts';
import { look } from './look.ts';
import { logFailure } from '../logFailure.ts';

/**
 * Changes the record within an operation of the VM: reads the domain, merges what other programs wrote, applies
 * `change` and writes; events follow afterwards. If the write fails, nothing has changed. Throws what `change` and the
 * hypervisor throw.
 */
export const commit = <T>(vm: Vm, options: CallOptions, change: () => T): Promise<T> =>
  vm.operations.deferEvents(async () => {
    await look(vm, options);
    if (vm.isRecordNewer) throw new HypervisorError('refused', NEWER);
    const { result, undo } = tryOut(vm, change);
    try {
      await write(vm, options);
      return result;
    } catch (error) {
      undo();
      await retract(vm, options);
      throw error;
    }
  });

const NEWER =
  "a newer vmemd has written this VM's memory record; use that version, or restart the VM by this one";

/** Runs `change` and returns its result with a function that undoes it; if it throws, it is undone. */
function tryOut<T>(vm: Vm, change: () => T): { readonly result: T; readonly undo: () => void } {
  let outcome: { readonly result: T } | { readonly error: unknown } | undefined;
  let undoRecord: () => void = () => undefined;
  const undoMetadata = vm.intendDuring(() => {
    undoRecord = vm.operations.during(() => {
      try {
        outcome = { result: change() };
      } catch (error) {
        outcome = { error };
      }
    });
  });
  const undo = (): void => {
    undoRecord();
    undoMetadata();
  };
  if (outcome && 'result' in outcome) return { result: outcome.result, undo };
  undo();
  throw outcome?.error;
}

/** A write that was reported to have failed may have happened: it is taken back if the domain shows it. */
async function retract(vm: Vm, options: CallOptions): Promise<void> {
  vm.outdate();
  await look(vm, options)
    .then(() => write(vm, options))
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'a failed write is taken back later', level: 'debug' });
      observeNow(vm);
    });
}

/**
 * Reads the domain within an operation of the VM and records what it shows, and what `record` adds: which devices came
 * and went, which steps have ended, which guarantee is due. Throws what the hypervisor throws; what is recorded stays.
 */
export const observe = (vm: Vm, options: CallOptions, record?: () => void): Promise<void> =>
  vm.operations.deferEvents(async () => {
    await look(vm, options, record);
    await save(vm, options);
  });

/** Sets a guarantee that is due, as far as possible, and writes what was recorded. Throws if it cannot be written. */
export async function save(vm: Vm, options: CallOptions): Promise<void> {
  if (vm.isReadOnly) return;
  await tryDueGuarantee(vm, options);
  await keepTargetGuaranteed(vm, options);
  await write(vm, options);
  const retry = guaranteeRetry(vm);
  if (retry !== undefined) observeLater(vm, undefined, RETRIES, retry);
}

/** As {@link save}; what could not be written is logged and written later. */
export const saveOrRetry = (vm: Vm, options: CallOptions): Promise<void> =>
  vm.operations
    .deferEvents(() => save(vm, options))
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'the memory record is written later' });
      observeNow(vm);
    });

/** Writes the record and the metadata that are in force, where the domain's metadata lack them. */
async function write(vm: Vm, options: CallOptions): Promise<void> {
  vm.operations.prune(vm.aliases);
  if (!isUnsaved(vm)) return;
  if (!vm.isFresh(options)) await look(vm, options);
  await vm.writeRecord(options);
}

const isUnsaved = (vm: Vm): boolean => vm.operations.isUnsaved || hasIntentions(vm);

const hasIntentions = ({ unwritten }: Vm): boolean => Object.keys(unwritten).length > 0;

/** How soon an observation that failed is repeated, and how often; then the next comparison of all VMs repeats it. */
const RETRY = Milliseconds(5000);
const RETRIES = 12;

/** Observes in an operation of its own; a failure is logged, and repeated up to {@link RETRIES} times. */
export function observeNow(vm: Vm, record?: () => void, retries = RETRIES): void {
  vm.queue
    .run((options) => observe(vm, options, record))
    .catch((error: unknown) => {
      const isNews = (retries === RETRIES || retries === 0) && vm.isAlive;
      logFailure(vm, error, {
        text: 'the memory record could not be written',
        level: isNews ? 'warn' : 'debug',
      });
      if (retries > 0 && vm.isAlive) observeLater(vm, record, retries - 1);
    });
}

/** As {@link observeNow}, after a while; what adds nothing is done once, however often it is requested. */
function observeLater(
  vm: Vm,
  record: (() => void) | undefined,
  retries: number,
  delay = RETRY,
): void {
  const observe = (): void => {
    observeNow(vm, record, retries);
  };
  if (record) vm.timers.add(delay, observe);
  else if (!vm.timers.has(OBSERVE)) vm.timers.set(OBSERVE, delay, observe);
}

const OBSERVE = 'observe';
