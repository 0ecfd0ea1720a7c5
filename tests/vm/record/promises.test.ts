import { expect, test } from '@jest/globals';
import { KiB, MiB, Seconds } from '../../../src/common/units.ts';
import { Promises } from '../../../src/vm/record/promises.ts';

const promises = (): Promises => {
  const written = new Promises();
  written.note({ memGuaranteedSize: MiB(300) }, 2);
  written.note({ balloonTarget: KiB(900), balloonTargetMemory: KiB(1000) }, 4);
  return written;
};

test('a writer misses the promises written after the revision that it had seen', () => {
  expect(promises().since(1)).toStrictEqual({
    memGuaranteedSize: 300,
    balloonTarget: 900,
    balloonTargetMemory: 1000,
  });
  expect(promises().since(2)).toStrictEqual({ balloonTarget: 900, balloonTargetMemory: 1000 });
  expect(promises().since(3)).toStrictEqual({ balloonTarget: 900, balloonTargetMemory: 1000 });
});

test('a writer that had seen the newest revision misses none', () => {
  expect(promises().since(4)).toStrictEqual({});
});

test('a promise that is written again counts with its new value and revision', () => {
  const written = promises();
  written.note({ memGuaranteedSize: MiB(700) }, 5);
  expect(written.since(4)).toStrictEqual({ memGuaranteedSize: 700 });
});

test('a promise that was not written keeps its value, and a promise of 0 counts', () => {
  const written = promises();
  written.note({ memGuaranteedSize: MiB(0) }, 5);
  written.note({}, 6);
  expect(written.since(0)).toMatchObject({ memGuaranteedSize: 0, balloonTarget: 900 });
  expect(written.since(5)).toStrictEqual({});
});

test('other metadata are no promises', () => {
  const written = new Promises();
  written.note({ memoryJobs: '{}', minGuaranteedMemoryMb: MiB(5), ballooningEnabled: true }, 1);
  expect(written.since(0)).toStrictEqual({});
});

test('a statistics period is a promise', () => {
  const written = new Promises();
  written.note({ memStatsPeriod: Seconds(0) }, 1);
  expect(written.since(0)).toStrictEqual({ memStatsPeriod: 0 });
});

test('a promise that another program has replaced is missed no more, the others are', () => {
  const written = promises();
  written.forgetReplaced({ memGuaranteedSize: MiB(500), balloonTarget: KiB(900) });
  expect(written.since(0)).toStrictEqual({ balloonTarget: 900 });
});

test('no promise is missed after all were forgotten', () => {
  const written = promises();
  written.forget();
  expect(written.since(0)).toStrictEqual({});
});
