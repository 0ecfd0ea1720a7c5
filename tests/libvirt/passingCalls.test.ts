import { describe, expect, test } from '@jest/globals';
import { StuckError } from '../../src/libvirt/error.ts';
import { GuestPlaces, STATISTICS } from '../../src/libvirt/guestPlaces.ts';
import { Limits } from '../../src/libvirt/limits.ts';
import { livelyLimits, recorder, type Recorder } from './recordedCalls.ts';

describe('a call that passes over domains whose job another call has', () => {
  const pass = (calls: Recorder, name: string, domains: readonly string[]) =>
    calls.enter(name, domains, false, true);

  test('leaves them to other calls, and does not wait for those', () => {
    const calls = recorder(new Limits().lane());
    calls.enter('target', ['x']);
    pass(calls, 'poll', ['x', 'y']);
    calls.enter('target of y', ['y']);
    expect(calls.started).toEqual(['target', 'poll', 'target of y']);
  });

  test('hangs on the guest that is found to hang, until its reply', () => {
    const limits = livelyLimits();
    const calls = recorder(limits.lane());
    pass(calls, 'poll', ['x', 'y']);
    limits.blame(['x']);
    expect(limits.stuck).toEqual([]);
    calls.abandon('poll');
    expect(limits.stuck).toEqual([]);
    limits.blame(['x', 'z']);
    expect(limits.stuck).toEqual(['x']);
    for (const name of 'xy') calls.enter(name, [name]);
    expect(calls.started).toEqual(['poll', 'y']);
    calls.leave('poll');
    expect([calls.started, limits.stuck]).toEqual([['poll', 'y', 'x'], []]);
  });

  test('hangs on another guest than an earlier one of these', () => {
    const limits = livelyLimits();
    const calls = recorder(limits.lane());
    pass(calls, 'poll', ['x', 'y']);
    calls.abandon('poll');
    limits.blame(['x']);
    pass(calls, 'poll again', ['x', 'y']);
    calls.abandon('poll again');
    limits.blame(['x', 'y']);
    calls.leave('poll again');
    expect(limits.stuck).toEqual(['x']);
  });

  test('does not take from another call the guest that this waits for', () => {
    const limits = livelyLimits();
    const calls = recorder(limits.lane());
    pass(calls, 'poll', ['x', 'y']);
    calls.enter('target', ['x']);
    calls.abandon('poll');
    limits.blame(['x']);
    calls.leave('poll');
    calls.enter('second target', ['x']);
    expect(calls.started).toEqual(['poll', 'target']);
  });

  test('fails once hung guests hold the places for any guest', () => {
    const limits = livelyLimits();
    const calls = recorder(limits.lane(new GuestPlaces(STATISTICS)));
    for (const name of 'ab') calls.enter(name, [name]);
    for (const name of 'ab') calls.abandon(name);
    pass(calls, 'poll', ['x', 'y']);
    expect(calls.failed).toEqual([['poll', new StuckError(['A', 'B'])]]);
  });
});
