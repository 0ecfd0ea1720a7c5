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
 * Grows or shrinks a VM as near to the wish as its devices allow, and never below it. Devices to plug are plugged when
 * this returns; what the guest has to do goes on as an operation, whose end `wait` waits for. Throws VMIsDown,
 * InvalidParameter, HotplugMemFailed if nothing of it could be done, HotunplugMemFailed also if nothing was given back.
 */
export async function setMemory(vm: Vm, wish: MemoryWish, flowId: string): Promise<Resizing> {
  vm.requireAlive();
  // A refusal need not wait for the unplug that it refuses for.
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
  /** The memory before. */
  readonly had: KiB;
}

/** Throws if nothing of the operation could be done, or if nothing was given back of what should be. */
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

/** What became of a device that is not, or not known to be, as requested. */
const concern = (change: MemoryChange): string[] =>
  isTrouble(change) || change.state === 'unverified' ? [wordsOn(change)] : [];

const wordsOn = ({ alias, state, message = state }: MemoryChange): string => `${alias}: ${message}`;
