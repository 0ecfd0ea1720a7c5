import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Call } from '../../src/jsonrpc/call.ts';
import { inTurns, Turns } from '../../src/jsonrpc/turns.ts';
import { createCaller } from '../support/call.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** Runs for longer than one turn's budget. */
function runLong(): void {
  const end = performance.now() + 11;
  while (performance.now() < end);
}

test('what arrives in one turn runs at its end, in the order of arrival', async () => {
  const turns = new Turns(80);
  const [one, other] = [createCaller(), createCaller()];
  const order: string[] = [];
  turns.add(one, () => order.push('first'));
  turns.add(other, () => order.push('second'));
  turns.add(one, () => order.push('third'));
  expect(order).toEqual([]);
  await nextTurn();
  expect(order).toEqual(['first', 'second', 'third']);
});

test('connections alternate while their requests run for long', async () => {
  const turns = new Turns(80);
  const [many, few] = [createCaller(), createCaller()];
  const order: string[] = [];
  const long = (connection: typeof many, name: string): Promise<void> =>
    turns.take(connection, () => {
      runLong();
      order.push(name);
    });
  await Promise.all([
    ...[1, 2, 3, 4].map((i) => long(many, `many ${String(i)}`)),
    ...[1, 2].map((i) => long(few, `few ${String(i)}`)),
  ]);
  expect(order).toEqual(['many 1', 'many 2', 'few 1', 'many 3', 'few 2', 'many 4']);
});

test('what waits counts as running, and beyond the limit it runs at once, to be refused', async () => {
  const turns = new Turns(2);
  const [busy, idle] = [createCaller(), createCaller()];
  const ran: number[] = [];
  for (const i of [1, 2, 3]) turns.add(busy, () => ran.push(i));
  turns.add(idle, () => ran.push(4));
  expect([ran, busy.outstanding, idle.outstanding]).toEqual([[3], 2, 1]);
  await nextTurn();
  expect([ran, busy.outstanding, idle.outstanding]).toEqual([[3, 1, 2, 4], 0, 0]);
});

test('a call in turns has the outcome of the call', async () => {
  const error = new Error('refused') as never;
  const outcomes = [{ ok: true, result: 1 }, Promise.resolve({ ok: false, error })];
  const call = (() => outcomes.shift()) as unknown as Call;
  const waiting = inTurns(call, new Turns(80), new VirtualClock());
  const ask = () => waiting('Host.ping2', {}, { caller: createCaller() }, (result) => result);
  await expect(ask()).resolves.toEqual({ ok: true, result: 1 });
  await expect(ask()).resolves.toEqual({ ok: false, error });
});

/** Starts that many requests after a long one; returns how many turns of the event loop they take. */
async function turnsOf(count: number, run: () => void): Promise<number> {
  const turns = new Turns(count + 1);
  const connection = createCaller();
  let done = 0;
  const all = [turns.take(connection, runLong)];
  for (let i = 0; i < count; i++) {
    all.push(
      turns.take(connection, () => {
        run();
        done++;
      }),
    );
  }
  let passed = 0;
  for (; done < count; passed++) await nextTurn();
  await Promise.all(all);
  return passed;
}

test('other work of the event loop comes between long requests', async () => {
  expect(await turnsOf(5, runLong)).toBeGreaterThanOrEqual(5);
});

test('many short requests that had to wait share few turns', async () => {
  expect(await turnsOf(1000, () => undefined)).toBeLessThan(500);
});
