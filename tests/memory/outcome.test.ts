import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import type { ChangeState, MemoryChange } from '../../src/memory/jobs.ts';
import { outcomeOf } from '../../src/memory/outcome.ts';
import { change, states } from './changes.ts';
import { dimm, mib } from './domains.ts';

/** What becomes of the change in every state that something becomes of it. */
const ends = (facts: Partial<MemoryChange>, device: MemoryDevice | undefined, canTell = true) =>
  Object.fromEntries(
    states.flatMap((state) => {
      const outcome = outcomeOf(change({ ...facts, state }), device, canTell);
      return outcome ? [[state, outcome.state]] : [];
    }),
  ) as Partial<Record<ChangeState, ChangeState>>;

const virtioMem = (current: number): MemoryDevice => ({
  ...dimm(1024, 'virtiomem0'),
  model: 'virtio-mem',
  virtioMem: { block: mib(2), requested: mib(512), current: mib(current) },
});

describe('an unplug', () => {
  test('has no end while its device is there', () => {
    expect(ends({ action: 'unplug' }, dimm(128, 'dimm0'))).toEqual({});
  });

  test('has come to pass when its device is gone, late where the guest took too long', () => {
    expect(ends({ action: 'unplug' }, undefined)).toEqual({
      queued: 'removed',
      requested: 'removed',
      'timed-out': 'removed-late',
    });
  });
});

describe('a plug', () => {
  test('is not verified where the guest cannot tell', () => {
    expect(ends({ action: 'plug' }, dimm(128, 'dimm0'), false)).toEqual({
      requested: 'unverified',
    });
    expect(outcomeOf(change({ action: 'plug' }), dimm(128), false)?.message).toMatch(
      /did not tell/,
    );
  });

  test('is left to the guest that can tell', () => {
    expect(ends({ action: 'plug' }, dimm(128, 'dimm0'), true)).toEqual({});
  });

  test('whose device is not there may be under way still', () => {
    expect(ends({ action: 'plug' }, undefined, true)).toEqual({});
    expect(ends({ action: 'plug' }, undefined, false)).toEqual({});
  });
});

describe('a resize', () => {
  const resize = { action: 'resize', size: mib(512) } as const;

  test('is through when the device has just that size', () => {
    expect(ends(resize, virtioMem(512))).toEqual({
      requested: 'reached',
      'timed-out': 'reached-late',
    });
  });

  test.each([510, 514, 0])('is not with %i MiB of 512', (current) => {
    expect(ends(resize, virtioMem(current))).toEqual({});
  });

  test('has no end by a device that is gone, or is of another kind', () => {
    expect(ends(resize, undefined)).toEqual({});
    expect(ends(resize, dimm(512))).toEqual({});
  });
});
