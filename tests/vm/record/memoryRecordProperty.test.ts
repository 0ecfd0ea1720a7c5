import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import { isDeviceStep, type Operation, type Step } from '../../../src/memory/operation.ts';
import { isOpen } from '../../../src/memory/transition.ts';
import type { MemoryRecord, StepRef } from '../../../src/vm/record/memoryRecord.ts';
import { jobState } from '../../../src/memory/wireState.ts';
import { assertProperty } from '../../support/property.ts';
import {
  balloon,
  FACTS,
  guarantee,
  namelessPlug,
  nextOf,
  nextRun,
  plug,
  resize,
  statsPeriod,
  unplug,
} from '../../memory/operations.ts';
import { now, openRecord, PENDING } from './openRecord.ts';

/** What happens to a record: a request, a fact about a step, or a call. */
type Event =
  | { readonly begin: readonly Step[] }
  | { readonly step: number; readonly fact: number }
  | { readonly call: 'count-boot' | 'keep-next-guarantee' | 'prune' | 'end-all' };

const STEPS: readonly Step[] = [
  plug(),
  namelessPlug(),
  unplug(),
  resize(),
  resize({ alias: 'virtiomem1', size: KiB(2048) }),
  balloon(),
  guarantee(),
  nextRun(),
  statsPeriod(),
];
const begins = fc.record({ begin: fc.subarray([...STEPS], { minLength: 1, maxLength: 4 }) });
const facts = fc.record({ step: fc.nat(99), fact: fc.nat(FACTS.length) });
const calls = fc.record({
  call: fc.constantFrom(...(['count-boot', 'keep-next-guarantee', 'prune', 'end-all'] as const)),
});
const histories = fc.array(
  fc.oneof({ weight: 2, arbitrary: begins }, { weight: 8, arbitrary: facts }, calls),
  { maxLength: 30, size: 'max' },
);

function happen({ record, begin }: ReturnType<typeof openRecord>, event: Event): void {
  if ('begin' in event) begin(...event.begin);
  else if ('step' in event) learn(record, event.step, event.fact);
  else if (event.call === 'count-boot') record.countBoot();
  else if (event.call === 'keep-next-guarantee') record.keepNextGuarantee('next-run');
  else if (event.call === 'prune') record.prune(new Set(['dimm0']));
  else record.endAll('over');
}

/** Applies one of the facts that the table allows for one of the steps. */
function learn(record: MemoryRecord, step: number, fact: number): void {
  const open = record.operations.flatMap(({ id, steps }) =>
    steps.flatMap(({ state }, index) => {
      const allowed = FACTS.filter((one) => nextOf(state, one));
      return allowed.length > 0 ? [{ id, index, allowed }] : [];
    }),
  );
  const { allowed, ...ref } = open[step % open.length] ?? {};
  const chosen = allowed?.[fact % allowed.length];
  if (chosen) record.apply(ref as StepRef, chosen);
}

const isEnded = ({ steps }: Operation): boolean =>
  steps.some(isDeviceStep) && !steps.filter(isDeviceStep).some(isOpen);

test('whatever happens, an operation has ended if its device steps have, and its waits end with it', async () => {
  await assertProperty(
    fc.asyncProperty(histories, async (history) => {
      const opened = openRecord();
      const { record } = opened;
      for (const event of history) {
        const waits = record.operations.map(({ id }) => ({ id, wait: record.ended(id) }));
        happen(opened, event);
        for (const one of record.operations) expect('endedAt' in one).toBe(isEnded(one));
        for (const { id, wait } of waits) {
          const operation = record.get(id);
          const runs = operation !== undefined && jobState(operation) === 'running';
          expect((await now(wait)) === PENDING).toBe(runs);
        }
      }
    }),
  );
});

test('whatever happens, each change of a device step raises one event', () => {
  const statesIn = (operation: Operation): string[] =>
    operation.steps.flatMap((step, index) =>
      isDeviceStep(step) && step.alias !== undefined ?
        [`${operation.id} ${String(index)} ${step.state}`]
      : [],
    );
  assertProperty(
    fc.property(histories, (history) => {
      const opened = openRecord();
      const { record, events } = opened;
      for (const event of history) {
        const before = new Map(record.operations.map((one) => [one.id, one]));
        events.length = 0;
        happen(opened, event);
        const changed = record.operations.flatMap((one) => {
          const old = before.get(one.id);
          return old ? statesIn(one).filter((state) => !statesIn(old).includes(state)) : [];
        });
        const raised = events.map(([operation, step]) => {
          const index = operation.steps.indexOf(step);
          return `${operation.id} ${String(index)} ${step.state}`;
        });
        expect(raised.toSorted()).toEqual(changed.toSorted());
      }
    }),
  );
});

test('whatever happens, the next process finds the record as it was written', () => {
  assertProperty(
    fc.property(histories, (history) => {
      const opened = openRecord();
      for (const event of history) happen(opened, event);
      const { record, write } = opened;
      const next = openRecord('next').record;
      next.resume(write());
      expect([next.operations, next.boot]).toEqual([record.operations, record.boot]);
      expect(next.openSteps).toEqual(record.openSteps);
      expect([record.isUnsaved, next.isUnsaved]).toEqual([false, false]);
    }),
  );
});
