import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import { chooseWay, type Present } from '../../../src/vmemctl/plan/chooseWay.ts';
import { assertProperty } from '../../support/property.ts';
import { gib } from '../glance.ts';

/** A VM of 4 GiB whose balloon leaves all of it. */
const full: Present = { memory: gib(4), maximum: gib(4), target: gib(4), isBallooned: true };
const held = { ...full, target: gib(3) };
const fixed = { ...full, isBallooned: false };
/** 2 GiB more are provided by virtio-mem, outside of the balloon. */
const outside = { ...held, memory: gib(6) };

describe('a guest gets', () => {
  test.each([
    ['more than the VM has by devices', 6, full, { by: 'devices', direction: 'grow' }],
    [
      'more by devices and what is held',
      6,
      held,
      { by: 'devices', direction: 'grow', target: gib(6) },
    ],
    [
      'all that the VM has by the balloon',
      4,
      held,
      { by: 'balloon', direction: 'grow', target: gib(4) },
    ],
    [
      'a part of what is held by the balloon',
      3.5,
      held,
      { by: 'balloon', direction: 'grow', target: gib(3.5) },
    ],
    ['what it has by nothing', 3, held, { by: 'nothing' }],
    [
      'less by the balloon that holds some',
      2,
      held,
      { by: 'balloon', direction: 'shrink', target: gib(2) },
    ],
    [
      'less by devices where none is held',
      2,
      full,
      { by: 'devices', direction: 'shrink', target: gib(2) },
    ],
    ['less by devices alone without ballooning', 2, fixed, { by: 'devices', direction: 'shrink' }],
    [
      'more by the balloon beside virtio-mem',
      6,
      outside,
      { by: 'balloon', direction: 'grow', target: gib(4) },
    ],
    [
      'less than virtio-mem has only by devices',
      1,
      outside,
      { by: 'devices', direction: 'shrink' },
    ],
  ] as const)('%s', (_, wanted, present, way) => {
    expect(chooseWay(gib(wanted), present)).toEqual(way);
  });
});

test('the balloon is asked only for what it can leave, and then the guest has what was wanted', () => {
  const size = fc.integer({ min: 1, max: 64 });
  const present = fc
    .record({
      maximum: size,
      outside: fc.nat(8),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      isBallooned: fc.boolean(),
    })
    .map(({ maximum, outside: more, part, isBallooned }) => ({
      memory: gib(maximum + more),
      maximum: gib(maximum),
      target: KiB(isBallooned ? Math.round(gib(maximum) * part) : gib(maximum)),
      isBallooned,
    }));
  assertProperty(
    fc.property(size, present, (wanted, vm) => {
      const way = chooseWay(gib(wanted), vm);
      if (way.by !== 'balloon') return;
      expect(vm.isBallooned).toBe(true);
      expect(way.target).toBeGreaterThan(0);
      expect(way.target).toBeLessThanOrEqual(vm.maximum);
      expect(way.target + vm.memory - vm.maximum).toBe(gib(wanted));
    }),
  );
});
