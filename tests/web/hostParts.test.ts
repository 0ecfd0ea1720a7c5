import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import type { Host } from '../../web/connection/methods.ts';
import { guestParts, type Part, physicalParts, sum } from '../../web/model/hostParts.ts';
import { GIB, vmWith, without } from './vms.ts';

const host: Host = {
  simulated: true,
  read_only: false,
  vmemd_version: '0',
  vms: 1,
  vms_up: 1,
  promised_kib: KiB(GIB),
  warnings: [],
  total_kib: KiB(64 * GIB),
  used_by_guests_kib: KiB(20 * GIB),
  caches_kib: KiB(8 * GIB),
  free_kib: KiB(30 * GIB),
  other_kib: KiB(6 * GIB),
};

const sizes = (parts: readonly Part[] = []) =>
  Object.fromEntries(parts.map(({ kind, size }) => [kind, size / GIB]));

describe("the host's memory", () => {
  test('is drawn as parts that add up to its total', () => {
    expect(sizes(physicalParts(host))).toEqual({ guests: 20, other: 6, caches: 8, free: 30 });
  });

  test('has a part that is not known where something could not be read', () => {
    const parts = physicalParts(without(host, 'caches_kib')) ?? [];
    expect(sizes(parts)).toEqual({ guests: 20, other: 6, free: 30, unknown: 8 });
    expect(sum(parts)).toBe(host.total_kib);
  });

  test('is not drawn without its total', () => {
    expect(physicalParts(without(host, 'total_kib'))).toBeUndefined();
  });
});

describe('what VMs could use', () => {
  test('is what they are guaranteed, have beyond that, and have given back', () => {
    expect(sizes(guestParts([vmWith(), vmWith({ guaranteed_kib: KiB(4 * GIB) })]))).toEqual({
      // a guarantee that is not met counts as far as it is
      guaranteed: 1 + 3,
      beyond: 2,
      held: 2,
    });
  });

  test('leaves out VMs that are off', () => {
    expect(sum(guestParts([vmWith({ status: 'Down' })]))).toBe(0);
  });
});
