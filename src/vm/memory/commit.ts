import { type CallOptions, HypervisorError } from '../../host/hypervisor.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Vm } from '../vm.ts';
import { setDueGuarantee } from './dueGuarantees.ts';
import { look } from './look.ts';

/**
 * Changes the record within an operation of the VM: reads the domain, merges what other programs wrote, applies
 * `change` and writes; events follow afterwards. If the write fails, nothing has changed. Throws what `change` and the
 * hypervisor throw.
 */
export const commit = <T>(vm: Vm, options: CallOptions, change: () => T): Promise<T> =>
  vm.operations.deferEvents(async () => {
    await look(vm, options);
    const undo = checkpoint(vm);
    try {
      const result = change();
      await save(vm, options);
      return result;
    } catch (error) {
      undo();
      if (error instanceof HypervisorError) await retract(vm, options);
      throw error;
    }
  });

/** A write that was reported to have failed may have happened: it is taken back if the domain shows it. */
async function retract(vm: Vm, options: CallOptions): Promise<void> {
  vm.outdate();
  await look(vm, options)
    .then(() => save(vm, options))
    .catch(() => {
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
    await settle(vm, options);
  });

/** Sets a guarantee that is due and writes what was recorded; the latter also if the former fails. */
export const settle = (vm: Vm, options: CallOptions): Promise<void> =>
  setDueGuarantee(vm, options).finally(() => save(vm, options));

/** As {@link settle}; what could not be written is logged and written later. */
export const settleOrLater = (vm: Vm, options: CallOptions): Promise<void> =>
  vm.operations
    .deferEvents(() => settle(vm, options))
    .catch((error: unknown) => {
      vm.log.warn({ vmId: vm.id, err: error }, 'the memory record is written later');
      observeNow(vm);
    });

/** Sets a guarantee that is due, and writes only if there was one: the rest is written with the next change. */
export async function settleDue(vm: Vm, options: CallOptions): Promise<void> {
  await setDueGuarantee(vm, options);
  if (hasIntentions(vm)) await save(vm, options);
}

/** Writes the record and the metadata that are in force, where the domain's metadata lack them. */
async function save(vm: Vm, options: CallOptions): Promise<void> {
  vm.operations.prune(vm.aliases);
  if (!isUnsaved(vm)) return;
  if (!vm.isFresh(options)) await look(vm, options);
  await vm.writeRecord(options);
}

const isUnsaved = (vm: Vm): boolean => vm.operations.isUnsaved || hasIntentions(vm);

const hasIntentions = ({ unwritten }: Vm): boolean => Object.keys(unwritten).length > 0;

function checkpoint(vm: Vm): () => void {
  const undoRecord = vm.operations.checkpoint();
  const undoMetadata = vm.checkpointMetadata();
  return () => {
    undoRecord();
    undoMetadata();
  };
}

/** Returns whether a call that failed with this error may have taken effect, or may still do so. */
export const mayStillHappen = (error: unknown): boolean =>
  error instanceof HypervisorError && ['timed-out', 'unreachable'].includes(error.kind);

/** How soon an observation that failed is repeated, and how often; then the next comparison of all VMs repeats it. */
const RETRY = Milliseconds(5000);
const RETRIES = 12;

/** Observes in an operation of its own; a failure is logged, and repeated up to {@link RETRIES} times. */
export function observeNow(vm: Vm, record?: () => void, retries = RETRIES): void {
  vm.queue
    .run((options) => observe(vm, options, record))
    .catch((error: unknown) => {
      const isFirstOrLast = retries === RETRIES || retries === 0;
      vm.log[isFirstOrLast ? 'warn' : 'debug'](
        { vmId: vm.id, err: error },
        'the memory record could not be written',
      );
      if (retries > 0) observeLater(vm, retries - 1);
    });
}

/** As {@link observeNow}, after a while; once, however often it is requested. */
function observeLater(vm: Vm, retries: number): void {
  if (vm.timers.has('observe')) return;
  vm.timers.set('observe', RETRY, () => {
    observeNow(vm, undefined, retries);
  });
}
