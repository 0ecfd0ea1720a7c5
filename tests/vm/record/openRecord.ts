import { KiB, MiB } from '../../../src/common/units.ts';
import type { DeviceStep, Operation, Step } from '../../../src/memory/operation.ts';
import { changeState } from '../../../src/memory/wireState.ts';
import { MemoryRecord, type Request, type StepRef } from '../../../src/vm/record/memoryRecord.ts';
import { asNew } from '../../memory/operations.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

/** The time at which records are opened. */
export const START = Date.UTC(2026, 0);
export const REQUEST: Request = { action: 'unplug', flowId: 'flow' };
/** A total of a guest. */
export const TOTAL = { available: KiB(1000), held: KiB(10) };

/** The record of a process, with the events that it has raised. */
export function openRecord(writer = 'me') {
  const clock = new VirtualClock();
  const events: [Operation, DeviceStep][] = [];
  const vm = { memory: MiB(1024) };
  const record = new MemoryRecord({
    clock,
    writer,
    memory: () => vm.memory,
    onChange: (operation, step) => events.push([operation, step]),
  });
  /** Begins an operation with steps like these. */
  const begin = (...steps: readonly Step[]): Operation =>
    record.begin(REQUEST, () => steps.map(asNew));
  /** Begins an operation whose first step is sent. */
  const send = (...steps: readonly Step[]): StepRef => {
    const ref = { id: begin(...steps).id, index: 0 };
    record.apply(ref, 'send');
    return ref;
  };
  /** Returns the text of the next revision, which counts as written. */
  const write = (): string => {
    const text = record.next();
    record.written();
    return text;
  };
  const raised = () => events.map(([, step]) => `${step.alias ?? '?'} ${changeState(step)}`);
  return { clock, events, vm, record, begin, send, write, raised };
}

export const PENDING = Symbol('pending');
/** What a promise is resolved with, or {@link PENDING}. */
export const now = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, Promise.resolve(PENDING)]);
