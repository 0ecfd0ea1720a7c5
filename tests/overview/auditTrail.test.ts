import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertProperty } from '../support/property.ts';
import { AuditTrail } from '../../src/overview/auditTrail.ts';
import type { AuditTrailEntry } from '../../src/overview/shown.ts';

let time = 0;
const entry = (vm_id: string, outcome: AuditTrailEntry['outcome'], text = ''): AuditTrailEntry => ({
  time: new Date((time += 1000)).toISOString(),
  verb: 'VM.pause',
  flow_id: 'flow',
  outcome,
  summary: text,
  code: 0,
  address: 'test',
  vm_id,
});

const limits = {
  changes: { perVm: 5, size: 3000 },
  refusals: { perVm: 2, size: 1000 },
};

test('whatever is asked, the trail keeps its bounds and the newest entries of a VM', () => {
  const asked = fc.record({
    vm: fc.constantFrom('a', 'b', 'c', 'd'),
    isRefused: fc.boolean(),
    text: fc.string({ maxLength: 300 }),
  });
  assertProperty(
    fc.property(fc.array(asked, { maxLength: 60 }), (all) => {
      const trail = new AuditTrail(limits);
      for (const { vm, isRefused, text } of all) {
        trail.add(entry(vm, isRefused ? 'refused' : 'done', text));
        expect(trail.size).toBeLessThanOrEqual(4000);
      }
      for (const vm of ['a', 'b', 'c', 'd']) {
        const { entries } = trail.newest(100, vm);
        expect(entries.length).toBeLessThanOrEqual(7);
        const times = entries.map((each) => each.time);
        expect(times).toEqual(times.toSorted().toReversed());
      }
    }),
  );
});

test('a client that is refused over and over pushes no change out', () => {
  const trail = new AuditTrail(limits);
  trail.add(entry('a', 'done'));
  for (let n = 0; n < 1000; n += 1)
    trail.add(entry(n % 2 === 0 ? 'a' : `other ${String(n)}`, 'refused'));
  const { entries } = trail.newest(100, 'a');
  expect(entries.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'done']);
  expect(trail.size).toBeLessThan(1500);
});

test('the newest entries of all VMs are in the order in which they came', () => {
  const trail = new AuditTrail(limits);
  for (const vm of ['a', 'b', 'a', 'c']) trail.add(entry(vm, 'done'));
  expect(trail.newest(3).entries.map(({ vm_id }) => vm_id)).toEqual(['c', 'a', 'b']);
});

test('the newest entries come first although the wall clock was set back in between', () => {
  const trail = new AuditTrail(limits);
  trail.add(entry('a', 'done'));
  const present = time;
  time -= 3_600_000;
  trail.add(entry('b', 'done'));
  trail.add(entry('c', 'refused'));
  time = present;
  expect(trail.newest(2).entries.map(({ vm_id }) => vm_id)).toEqual(['c', 'b']);
});
