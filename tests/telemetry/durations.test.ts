import { expect, test } from '@jest/globals';
import { Durations } from '../../src/telemetry/durations.ts';
import { Milliseconds } from '../../src/common/units.ts';

const create = (labelNames: readonly [string, string?]): Durations =>
  new Durations({ name: 'took_seconds', help: 'How long.', labelNames, buckets: [0.001, 0.5] });

test('each bucket counts durations up to its bound', () => {
  const durations = create(['what', 'code']);
  for (const duration of [0.5, 1, 250, 600]) durations.add(Milliseconds(duration), 'a "b"', 7);
  expect(durations.exposition()).toBe(`# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.001",what="a \\"b\\"",code="7"} 2
took_seconds_bucket{le="0.5",what="a \\"b\\"",code="7"} 3
took_seconds_bucket{le="+Inf",what="a \\"b\\"",code="7"} 4
took_seconds_sum{what="a \\"b\\"",code="7"} 0.8515
took_seconds_count{what="a \\"b\\"",code="7"} 4
`);
});

test('labels have separate series, and the second label is optional', () => {
  const two = create(['what', 'code']);
  two.add(Milliseconds(1), 'a', 0);
  two.add(Milliseconds(1), 'a', 1);
  two.add(Milliseconds(1), 'b', 0);
  const counts = two.exposition().match(/_count.*/g);
  expect(counts).toEqual([
    '_count{what="a",code="0"} 1',
    '_count{what="a",code="1"} 1',
    '_count{what="b",code="0"} 1',
  ]);
  const one = create(['what']);
  one.add(Milliseconds(1), 'a');
  expect(one.exposition()).toContain('took_seconds_count{what="a"} 1\n');
});
