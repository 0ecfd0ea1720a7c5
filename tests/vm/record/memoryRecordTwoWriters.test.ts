import { expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import type { Step } from '../../../src/memory/operation.ts';
import { plug, unplug } from '../../memory/operations.ts';
import { openRecord, TOTAL } from './openRecord.ts';

type Opened = ReturnType<typeof openRecord>;

/** Two processes that have read the same operation; the second one's clock is 5 ms ahead. */
async function two(step: Step = unplug()) {
  const [mine, other] = [openRecord('me'), openRecord('other')];
  const ref = mine.send(step);
  mine.record.baseline.set(TOTAL);
  const text = mine.write();
  other.record.resume(text);
  await other.clock.advance(Milliseconds(5));
  return { mine, other, ref, text };
}

/** Lets each process in turn read what the other has written, and write what that lacks; counts the writes. */
function exchange(processes: readonly Opened[], text: string): number {
  let [writes, stored] = [0, text];
  for (let turn = 0; turn < 20; turn += 1) {
    for (const { record, write } of processes) {
      record.reconcile(stored);
      if (!record.isUnsaved) continue;
      stored = write();
      writes += 1;
    }
  }
  return writes;
}

/** As many as it takes: one writes what it knows, the other one adds what it knows. */
const ENOUGH = 2;

test('two processes that see the same end at different times agree on one', async () => {
  const { mine, other, ref, text } = await two();
  for (const { record } of [mine, other]) record.apply(ref, 'seen');
  expect(exchange([mine, other], text)).toBeLessThanOrEqual(ENOUGH);
  expect(mine.record.operations).toEqual(other.record.operations);
});

test('two processes that see different ends of a step agree on one', async () => {
  const { mine, other, ref, text } = await two();
  mine.record.apply(ref, 'guest-refused', { message: 'no' });
  other.record.apply(ref, 'seen');
  expect(exchange([mine, other], text)).toBeLessThanOrEqual(ENOUGH);
  expect(mine.record.operations).toEqual(other.record.operations);
});

test('two processes of which one sees that the guest uses a device agree on that', async () => {
  const { mine, other, ref, text } = await two(plug());
  mine.record.apply(ref, 'seen', { message: 'the guest has 128 MiB more' });
  mine.record.markUsed(ref);
  other.record.apply(ref, 'seen', { isUnverified: true, message: 'unknown' });
  expect(exchange([mine, other], text)).toBeLessThanOrEqual(ENOUGH);
  expect(mine.record.operations).toEqual(other.record.operations);
});

test('two processes that know different totals of the guest agree on one', async () => {
  const { mine, other, text } = await two();
  other.record.baseline.set({ available: KiB(900), held: KiB(0) });
  expect(exchange([mine, other], text)).toBeLessThanOrEqual(ENOUGH);
  expect(mine.record.baseline.total).toEqual(other.record.baseline.total);
});
