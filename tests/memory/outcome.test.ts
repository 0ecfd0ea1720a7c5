import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import type { DeviceStep, StepState } from '../../src/memory/operation.ts';
import { findingOf, guestRefusal, unverified, UNREPORTED } from '../../src/memory/outcome.ts';
import { transition } from '../../src/memory/transition.ts';
import { changeState } from '../../src/memory/wireState.ts';
import { dimm, mib } from './domains.ts';
import { plug, resize, STATES, unplug } from './operations.ts';

type StepWith = (facts: { readonly state: StepState }) => DeviceStep;

/** The word for the step after each state in which the domain shows that it has ended. */
const ends = (step: StepWith, device: MemoryDevice | undefined, canTell = true) =>
  Object.fromEntries(
    STATES.flatMap((state) => {
      const before = step({ state });
      const { fact, ...detail } = findingOf(before, device, canTell) ?? {};
      return fact ? [[state, changeState(transition(before, fact, detail))]] : [];
    }),
  );

const virtioMem = (current: number): MemoryDevice => ({
  ...dimm(1024, 'virtiomem0'),
  model: 'virtio-mem',
  virtioMem: { block: mib(2), requested: mib(512), current: mib(current) },
});

describe('an unplug', () => {
  test('has not ended while its device is there', () => {
    expect(ends(unplug, dimm(128, 'dimm0'))).toEqual({});
  });

  test('is done when its device is gone, late if the guest took too long', () => {
    expect(ends(unplug, undefined)).toEqual({
      queued: 'removed',
      sent: 'removed',
      'timed-out': 'removed-late',
    });
  });
});

describe('a plug', () => {
  test('is done but not verified if the guest does not report its memory', () => {
    expect(ends(plug, dimm(128, 'dimm0'), false)).toEqual({ sent: 'unverified' });
    expect(findingOf(plug(), dimm(128, 'dimm0'), false)).toEqual(unverified(UNREPORTED));
    expect(UNREPORTED).toMatch(/did not report/);
  });

  test("is decided by the guest's reports if it makes them", () => {
    expect(ends(plug, dimm(128, 'dimm0'), true)).toEqual({});
  });

  test('whose device is not there may still be in progress', () => {
    expect(ends(plug, undefined, true)).toEqual({});
    expect(ends(plug, undefined, false)).toEqual({});
  });
});

describe('a resize', () => {
  test('is done when the device has exactly that size, late if the guest took too long', () => {
    expect(ends(resize, virtioMem(512))).toEqual({ sent: 'reached', 'timed-out': 'reached-late' });
  });

  test.each([510, 514, 0])('is not done while the device gives %i MiB of 512', (current) => {
    expect(ends(resize, virtioMem(current))).toEqual({});
  });

  test('is not done by a device that is gone, or that is not virtio-mem', () => {
    expect(ends(resize, undefined)).toEqual({});
    expect(ends(resize, dimm(512, 'virtiomem0'))).toEqual({});
  });
});

test('an unverified plug is done, with the reason', () => {
  expect(unverified('why')).toEqual({ fact: 'seen', isUnverified: true, message: 'why' });
});

describe("a guest's refusal", () => {
  test('has the words of the hypervisor and says what the guest lacks', () => {
    expect(guestRefusal('device in use')).toEqual({
      fact: 'guest-refused',
      message: 'device in use; it was not brought online as movable, or cannot be freed now',
    });
  });

  test('without words says that the guest kept the device', () => {
    expect(guestRefusal().message).toBe(
      'the guest kept the device: it was not brought online as movable, or cannot be freed now',
    );
  });
});
