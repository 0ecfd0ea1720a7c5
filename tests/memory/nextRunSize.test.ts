import { describe, expect, test } from '@jest/globals';
import { MiB } from '../../src/common/units.ts';
import { earlierSizes, lastRequested } from '../../src/memory/nextRunSize.ts';
import { nextRun, operation, plug, STATES } from './operations.ts';

const size = (memory: number, guaranteed: number) => ({
  memory: MiB(memory),
  guaranteed: MiB(guaranteed),
});

const PRESENT = size(1024, 300);

describe('the memory and the guarantee that were requested last', () => {
  test('can come from different operations', () => {
    const operations = [
      operation([], { requested: MiB(1000), guaranteed: MiB(100) }),
      operation([], { requested: MiB(2000) }),
      operation([], { guaranteed: MiB(200) }),
      operation([]),
    ];
    expect(lastRequested(operations)).toStrictEqual(size(2000, 200));
    expect(lastRequested(operations.slice(0, 2))).toStrictEqual(size(2000, 100));
  });

  test('are absent if no operation requested any', () => {
    expect(lastRequested([])).toStrictEqual({});
    expect(lastRequested([operation([plug()])])).toStrictEqual({});
  });
});

describe('the sizes that the next run can have', () => {
  test('begin with the present one and the one requested last', () => {
    const operations = [operation([], size(0, 0)), operation([], { requested: MiB(2048) })];
    expect(earlierSizes(operations, PRESENT)).toEqual([PRESENT, { guaranteed: 0, memory: 2048 }]);
  });

  test('include those that unwritten requests would have replaced, each once', () => {
    const operations = [
      operation([nextRun({ before: [PRESENT, size(512, 100)] })], { requested: MiB(2048) }),
      operation([nextRun({ before: [size(512, 100), size(512, 200)], state: 'queued' })]),
    ];
    expect(earlierSizes(operations, PRESENT)).toEqual([
      PRESENT,
      { memory: 2048 },
      size(512, 100),
      size(512, 200),
    ]);
  });

  test.each(STATES.filter((state) => state !== 'queued' && state !== 'sent'))(
    'do not include those of a request that is %s',
    (state) => {
      const operations = [operation([nextRun({ before: [size(1, 1)], state }), plug()])];
      expect(earlierSizes(operations, PRESENT)).toEqual([PRESENT, {}]);
    },
  );

  test('are different ones if only the memory or only the guarantee differs', () => {
    const others = [size(512, 300), size(1024, 200)];
    expect(earlierSizes([operation([nextRun({ before: others })])], PRESENT)).toEqual([
      PRESENT,
      {},
      ...others,
    ]);
  });

  test('are sixteen at most, the present one among them', () => {
    const before = Array.from({ length: 30 }, (_, n) => size(n, n));
    const sizes = earlierSizes([operation([nextRun({ before })])], PRESENT);
    expect(sizes).toEqual([PRESENT, {}, ...before.slice(0, 14)]);
  });
});
