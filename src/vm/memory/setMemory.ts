import { VdsmError } from '../../common/errors.ts';
import { floorMiB, type KiB, toKiB } from '../../common/units.ts';
import type { Operation } from '../../memory/operation.ts';
import { providedMemory } from '../../memory/virtioMem.ts';
import {
  changesOf,
  isTrouble,
  jobState,
  type MemoryChange,
  remarks,
  wasNotDone,
} from '../../memory/wireState.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';
import { type Failure, type MemoryWish, refuseWhileUnplugging } from './checks.ts';
import { observe } from './commit.ts';
import { resize, type Resizing } from './resizing.ts';

/**
 * Grows or shrinks a VM to the size nearest to the wish that its devices allow, never below it. Plugs are done when this
 * returns; the guest's part continues as an operation, and `wait` waits for its end. Throws VMIsDown, InvalidParameter,
 * HotplugMemFailed if no change succeeded, HotunplugMemFailed also if the guest released nothing.
 */
export async function setMemory(vm: Vm, wish: MemoryWish, flowId: string): Promise<Resizing> {
  vm.requireAlive();
  // Checked before queueing too: the refusal then does not wait for that unplug's calls.
  refuseWhileUnplugging(vm, failureOf(vm, wish));
  const { resizing, failure, had } = await vm.queue
    .run(async (options) => {
      await observe(vm, options);
      const [failure, had] = [failureOf(vm, wish), vm.usableMemory];
      const request = { ...wish, failure, flowId };
      const resizing = await resize(vm, request, options).catch(toVdsmError(failure));
      return { failure, had, resizing };
    })
    .catch(toVdsmError(failureOf(vm, wish)));
  const { operationId } = resizing;
  if (operationId === undefined) return resizing;
  const operation =
    wish.wait === true ? await vm.operations.ended(operationId) : vm.operations.get(operationId);
  if (!operation) return resizing;
  requireSuccess(vm, operation, { ...resizing, failure, had });
  const warnings = [
    ...resizing.warnings,
    ...changesOf(operation).flatMap(concern),
    ...remarks(operation),
  ];
  return { ...resizing, warnings };
}

const failureOf = (vm: Vm, { memory }: MemoryWish): Failure =>
  toKiB(memory) < providedMemory(vm.domain) ? 'HotunplugMemFailed' : 'HotplugMemFailed';

interface Request extends Resizing {
  readonly failure: Failure;
  /** The usable memory before. */
  readonly had: KiB;
}

/** Throws the failure if no change of the operation succeeded, or if a shrink released nothing. */
function requireSuccess(vm: Vm, operation: Operation, { failure, had, nextRun }: Request): void {
  const gaveNothing =
    failure === 'HotunplugMemFailed' && vm.usableMemory >= had && jobState(operation) === 'failed';
  if (!gaveNothing && !wasNotDone(operation)) return;
  const { id, requested } = operation;
  const steps = changesOf(operation).map(wordsOn).join('; ');
  const later = nextRun === 'updated' ? `, from its next run on ${String(requested)}` : '';
  throw new VdsmError(
    failure,
    `${steps}; the VM has ${String(floorMiB(vm.usableMemory))} MiB${later} (job ${id})`,
    { data: { job_id: id } },
  );
}

/** Returns a warning for a device whose change has failed or is unverified. */
const concern = (change: MemoryChange): string[] =>
  isTrouble(change) || change.state === 'unverified' ? [wordsOn(change)] : [];

const wordsOn = ({ alias, state, message = state }: MemoryChange): string => `${alias}: ${message}`;
