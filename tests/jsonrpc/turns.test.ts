import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Turns } from '../../src/jsonrpc/turns.ts';

/** Waits as calls do: not at all if it need not. */
async function request(turns: Turns, connection: object, run: () => void): Promise<void> {
  const turn = turns.wait(connection);
  if (turn) await turn;
  run();
}

/** Runs for longer than one turn's budget. */
function runLong(): void {
  const end = performance.now() + 11;
  while (performance.now() < end);
}

test('the first request of a turn does not wait', () => {
  expect(new Turns().wait({})).toBeUndefined();
});

test('connections alternate while their requests run for long', async () => {
  const turns = new Turns();
  const [many, few] = [{}, {}];
  const order: string[] = [];
  const long = (connection: object, name: string): Promise<void> =>
    request(turns, connection, () => {
      runLong();
      order.push(name);
    });
  await Promise.all([
    ...[1, 2, 3, 4].map((i) => long(many, `many ${String(i)}`)),
    ...[1, 2].map((i) => long(few, `few ${String(i)}`)),
  ]);
  expect(order).toEqual(['many 1', 'many 2', 'few 1', 'many 3', 'few 2', 'many 4']);
});

/** Starts that many requests after a long one; returns how many turns of the event loop they take. */
async function turnsOf(count: number, run: () => void): Promise<number> {
  const turns = new Turns();
  const connection = {};
  let done = 0;
  const all = [request(turns, connection, runLong)];
  for (let i = 0; i < count; i++) {
    all.push(
      request(turns, connection, () => {
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
