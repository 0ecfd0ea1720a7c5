import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { startSampling } from '../../../src/vm/registry/sampler.ts';
import { recorder } from '../../support/call.ts';
import { held } from '../../support/faults.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const start = (sample: () => Promise<void>) => {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const stop = startSampling({ vms: { sample }, clock, interval: Milliseconds(1000), log });
  return { clock, lines, stop, seconds: (n: number) => clock.advance(Milliseconds(n * 1000)) };
};

test('samples at once, and each interval after that', async () => {
  let rounds = 0;
  const { seconds } = start(async () => {
    rounds += 1;
  });
  expect(rounds).toBe(1);
  await seconds(3);
  expect(rounds).toBe(4);
});

test('a long round does not overlap with another one', async () => {
  let rounds = 0;
  const slow = held<undefined>();
  const { seconds } = start(async () => {
    rounds += 1;
    await slow.answer;
  });
  await seconds(10);
  expect(rounds).toBe(1);
  slow.release(undefined);
  await seconds(1);
  expect(rounds).toBe(2);
});

test('continues after failures, and logs only the first failure and the recovery', async () => {
  let fails = true;
  const { lines, seconds } = start(async () => {
    if (fails) throw new Error('out of reach');
  });
  await seconds(5);
  expect(lines).toMatchObject([{ level: 40, err: { message: 'out of reach' } }]);
  fails = false;
  await seconds(5);
  expect(lines.map(({ level }) => level)).toEqual([40, 30]);
});

test.each(['between two rounds', 'within a round'])('stops %s for good', async (moment) => {
  let rounds = 0;
  const slow = held<undefined>();
  const { seconds, stop } = start(async () => {
    rounds += 1;
    if (moment === 'within a round') await slow.answer;
  });
  await seconds(0.5);
  stop();
  slow.release(undefined);
  await seconds(10);
  expect(rounds).toBe(1);
});
