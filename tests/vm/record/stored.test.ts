import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import type { Operation } from '../../../src/memory/operation.ts';
import { isUnfinished } from '../../../src/memory/prune.ts';
import { parse, serialize, textOf } from '../../../src/vm/record/stored.ts';
import { assertProperty } from '../../support/property.ts';
import { anyOperations, operation, plug, unplug } from '../../memory/operations.ts';

const LONGEST = 48 * 1024;
const by = { revision: 3, writer: 'me' };
const kept = (operations: readonly Operation[]): readonly Operation[] =>
  parse(serialize(textOf({ boot: 0, operations }), by))?.operations ?? [];
const idsOf = (operations: readonly Operation[]): string[] => operations.map(({ id }) => id);

test('a record is read as it was written', () => {
  const total = fc.record({ available: fc.nat().map(KiB), held: fc.nat().map(KiB) });
  const contents = fc.record(
    { boot: fc.nat(), operations: anyOperations, baseline: total },
    { requiredKeys: ['boot', 'operations'] },
  );
  assertProperty(
    fc.property(contents, fc.nat(), fc.string(), (content, revision, writer) => {
      const text = serialize(textOf(content), { revision, writer });
      expect(parse(text)).toEqual({ version: 2, revision, writer, ...content });
    }),
  );
});

test('an unknown baseline is left out', () => {
  expect(textOf({ boot: 1, operations: [], baseline: undefined })).toBe(
    '{"boot":1,"operations":[]}',
  );
});

describe('a text that would be too long', () => {
  /** An operation that takes at least `length` characters. */
  const long = (id: number, state: 'done' | 'sent', length = 4096): Operation =>
    operation([unplug({ state, message: 'x'.repeat(length) })], { id: String(id) });

  test('loses the oldest ended operations, as many as it takes', () => {
    const all = Array.from({ length: 20 }, (_, id) => long(id, 'done'));
    const text = textOf({ boot: 0, operations: all });
    expect(text.length).toBeLessThanOrEqual(LONGEST);
    expect(text.length).toBeGreaterThan(LONGEST - 4500);
    expect(kept(all)).toEqual(all.slice(9));
  });

  test('keeps unfinished operations, and loses ended ones that are newer instead', () => {
    const all = Array.from({ length: 20 }, (_, id) => long(id, id < 5 ? 'sent' : 'done'));
    expect(idsOf(kept(all))).toEqual(['0', '1', '2', '3', '4', '14', '15', '16', '17', '18', '19']);
  });

  test('is longer than usual if unfinished operations need it', () => {
    const all = Array.from({ length: 20 }, (_, id) => long(id, id === 7 ? 'done' : 'sent'));
    expect(textOf({ boot: 0, operations: all }).length).toBeGreaterThan(LONGEST);
    expect(kept(all)).toEqual(all.filter(isUnfinished));
  });

  test('has at least eight operations of sixteen devices each', () => {
    const all = Array.from({ length: 8 }, (_, id) =>
      operation(
        Array.from({ length: 16 }, (__, n) =>
          plug({ alias: `ua-0123abcd-${String(n)}`, base: '0x100000000', state: 'done' }),
        ),
        { id: String(id) },
      ),
    );
    expect(kept(all)).toEqual(all);
  });
});

test('of several operations with one id the first counts', () => {
  const twice = [operation([plug()]), operation([unplug()])];
  expect(kept(twice)).toEqual(twice.slice(0, 1));
});

test.each([-1, 1e15, 1.5])(
  'a record with the time %d, which no clock shows, is none',
  (startedAt) => {
    const text = serialize(textOf({ boot: 0, operations: [operation()] }), by);
    expect(
      parse(text.replace(/"startedAt":\d+/, `"startedAt":${String(startedAt)}`)),
    ).toBeUndefined();
  },
);

describe('a text that is no record', () => {
  const record = { version: 2, revision: 1, writer: 'me', boot: 0, operations: [operation()] };

  test.each([
    ['empty', ''],
    ['not JSON', 'nonsense'],
    ['cut off', '{"jobs":[]'],
    ['null', 'null'],
    ['a number', '2'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['of the former format with an empty job', '{"jobs":[{}]}'],
    ['of the former format with an empty total', '{"jobs":[],"before":{}}'],
    [
      'of the former format with an unknown state',
      '{"jobs":[{"id":"a","action":"plug","flowId":"","startedAt":1,"changes":[{"action":"plug","alias":"dimm0","size":1,"state":"lost","attempts":1}]}]}',
    ],
  ])('is passed over if it is %s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['another version', { version: 3 }],
    ['its version as text', { version: '2' }],
    ['an unknown member', { more: 1 }],
    ['a fraction of a boot', { boot: 0.5 }],
    ['half a baseline', { baseline: { available: 1 } }],
    ['an id that is no text', { operations: [operation([], { id: 7 as never })] }],
    ['an unknown state', { operations: [operation([unplug({ state: 'lost' as never })])] }],
    ['a negative size', { operations: [operation([unplug({ size: KiB(-1) })])] }],
    ['half a step', { operations: [operation([{ kind: 'plug' } as never])] }],
    [
      'a member of another kind',
      { operations: [operation([{ ...plug(), repeats: true } as never])] },
    ],
  ])('is passed over if it is a record with %s', (_, facts) => {
    expect(parse(JSON.stringify({ ...record, ...facts }))).toBeUndefined();
  });

  test('is passed over without an error, whatever it is', () => {
    assertProperty(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parse(text)).toBeUndefined();
      }),
    );
  });

  test.each(['version', 'revision', 'writer', 'boot', 'operations'])(
    'is passed over if it lacks its %s',
    (name) => {
      expect(parse(JSON.stringify(record))).toEqual(record);
      expect(parse(JSON.stringify({ ...record, [name]: undefined }))).toBeUndefined();
    },
  );
});
