import { expect, test } from '@jest/globals';
import { Requests } from '../../../src/server/stomp/requests.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { createCaller } from '../../support/call.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

function createRequests() {
  const delivered: unknown[] = [];
  const answer: ((reply?: string) => void)[] = [];
  const requests = new Requests({
    dispatch: () => new Promise((resolve) => answer.push(resolve)),
    caller: createCaller(),
    strays: 'strays',
    onStray: () => undefined,
    deliver: (...reply) => delivered.push(reply),
  });
  const ask = (): void => {
    requests.run({ text: '', replyTo: 'asker', flowId: undefined });
  };
  return { requests, delivered, answer, ask };
}

const settled = (): Promise<void> => new Promise(setImmediate);

test('each reply says whether another is to be expected', async () => {
  const { delivered, answer, ask } = createRequests();
  ask();
  ask();
  answer[1]?.('second');
  answer[0]?.('first');
  await settled();
  expect(delivered).toEqual([
    ['second', 'asker', false],
    ['first', 'asker', true],
  ]);
});

const reply = (id: unknown, result: unknown = true) => ({ jsonrpc: '2.0', id, result });

test('what a list holds of replies to nothing goes to another queue, and alone', async () => {
  const { delivered, answer, ask } = createRequests();
  ask();
  ask();
  ask();
  answer[0]?.(JSON.stringify([reply(null), reply(2), reply(null)]));
  answer[1]?.(JSON.stringify([reply(null), reply(null)]));
  answer[2]?.(JSON.stringify([reply(1, [reply(null)]), reply(2)]));
  await settled();
  expect(delivered).toEqual([
    [JSON.stringify([reply(null), reply(null)]), 'strays', false],
    [JSON.stringify([reply(2)]), 'asker', false],
    [JSON.stringify([reply(null), reply(null)]), 'strays', false],
    [JSON.stringify([reply(1, [reply(null)]), reply(2)]), 'asker', true],
  ]);
});

test('nothing is delivered for what wants no answer', async () => {
  const { delivered, answer, ask } = createRequests();
  ask();
  answer[0]?.();
  await settled();
  expect(delivered).toEqual([]);
});

test('they have settled when the last is answered', async () => {
  const { requests, answer, ask } = createRequests();
  const done: string[] = [];
  ask();
  void requests.settle(new VirtualClock(), Milliseconds(1000)).then(() => done.push('settled'));
  await settled();
  expect(done).toEqual([]);
  answer[0]?.('reply');
  await settled();
  expect(done).toEqual(['settled']);
});

test('they have settled at once when none runs, and at the deadline when one does not end', async () => {
  const clock = new VirtualClock();
  const { requests, ask } = createRequests();
  await requests.settle(clock, Milliseconds(1000));
  ask();
  const late = requests.settle(clock, Milliseconds(1000));
  await clock.advance(Milliseconds(1000));
  await late;
  expect(clock.now()).toBe(1000);
});
