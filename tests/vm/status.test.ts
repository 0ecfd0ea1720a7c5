import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DomainState, LifecycleEvent } from '../../src/host/hypervisor.ts';
import { Milliseconds } from '../../src/common/units.ts';
import {
  afterReport,
  exitOf,
  exits,
  type RunState,
  runStateAfter,
  runStateFound,
  passing,
  statusAt,
} from '../../src/vm/status.ts';
import { VmStatus } from '../../schema/types.ts';
import { assertProperty } from '../support/property.ts';

const at = Milliseconds;
const down: RunState = { phase: 'down', exit: exits.adminShutdown };

describe('a status shows', () => {
  test.each<[RunState, string]>([
    [{ phase: 'launching' }, 'WaitForLaunch'],
    [{ phase: 'running' }, 'Up'],
    [{ phase: 'paused' }, 'Paused'],
    [down, 'Down'],
  ])('%j as %s', (runState, status) => {
    expect(statusAt(runState, at(0))).toBe(status);
  });

  test.each([
    ['Powering up', 60_000],
    ['RebootInProgress', 60_000],
    ['Powering down', 300_000],
  ] as const)('%s for %i ms, then Up', (status, lifetime) => {
    const runState = passing(status, at(1000));
    expect(statusAt(runState, at(1000 + lifetime - 1))).toBe(status);
    expect(statusAt(runState, at(1000 + lifetime))).toBe('Up');
  });
});

describe('a domain that is found', () => {
  test.each<[DomainState, number, string]>([
    ['running', 1, 'Up'],
    ['shutting-down', 0, 'Up'],
    ['paused', 1, 'Paused'],
    ['pm-suspended', 0, 'Paused'],
    ['crashed', 1, 'Down'],
    ['shut-off', 0, 'Down'],
  ])('%s shows as %s', (state, reason, status) => {
    expect(statusAt(runStateFound(state, reason), at(0))).toBe(status);
  });

  test.each([
    ['unknown', 0, 1],
    ['shut down by the guest', 1, 7],
    ['destroyed', 2, 6],
    ['crashed', 3, 2],
    ['migrated', 4, 4],
    ['saved', 5, 5],
    ['failed', 6, 2],
  ])('shut off because it was %s (%i) has the exit reason %i', (_, reason, exitReason) => {
    expect(runStateFound('shut-off', reason)).toMatchObject({ exit: { reason: exitReason } });
  });
});

describe('an end', () => {
  test.each([
    [0, true, exits.adminShutdown],
    [0, false, exits.userShutdown],
    [1, false, exits.adminShutdown],
    [2, false, exits.lostQemu],
    [3, false, exits.migrated],
    [4, false, exits.saved],
    [5, false, exits.lostQemu],
    [99, false, exits.lostQemu],
  ])('of detail %i, requested: %s', (detail, asked, exit) => {
    expect(exitOf(detail, asked)).toBe(exit);
  });

  test('after a client requested it is an admin shutdown', () => {
    const runState = passing('Powering down', at(0));
    expect(runStateAfter(runState, 'stopped', 0, at(1))).toEqual({
      phase: 'down',
      exit: exits.adminShutdown,
    });
    expect(runStateAfter({ phase: 'running' }, 'stopped', 0, at(1))).toEqual({
      phase: 'down',
      exit: exits.userShutdown,
    });
  });
});

describe('after an event', () => {
  const running: RunState = { phase: 'running' };
  const paused: RunState = { phase: 'paused' };

  test.each<[LifecycleEvent, RunState, string]>([
    ['started', down, 'Powering up'],
    ['suspended', running, 'Paused'],
    ['pm-suspended', running, 'Paused'],
    ['resumed', paused, 'Up'],
    ['stopped', running, 'Down'],
    ['crashed', running, 'Down'],
  ])('%s, %j shows as %s', (event, runState, status) => {
    const next = runStateAfter(runState, event, 0, at(0));
    expect(next && statusAt(next, at(0))).toBe(status);
  });

  test.each<[LifecycleEvent, RunState]>([
    ['defined', running],
    ['undefined', running],
    ['shutdown', running],
    ['resumed', running],
    ['resumed', passing('RebootInProgress', at(0))],
  ])('%s, %j is unchanged', (event, runState) => {
    expect(runStateAfter(runState, event, 0, at(0))).toBeUndefined();
  });
});

test('a report ends Powering up, but no reboot and no power-down', () => {
  expect(afterReport(passing('Powering up', at(0)))).toEqual({ phase: 'running' });
  for (const status of ['RebootInProgress', 'Powering down'] as const) {
    const runState = passing(status, at(0));
    expect(afterReport(runState)).toBe(runState);
  }
  expect(afterReport(down)).toBe(down);
});

test('for any events, the status is one of the contract', () => {
  const event = fc.constantFrom<LifecycleEvent[]>(
    'defined',
    'undefined',
    'started',
    'suspended',
    'resumed',
    'stopped',
    'shutdown',
    'pm-suspended',
    'crashed',
  );
  assertProperty(
    fc.property(fc.array(fc.tuple(event, fc.nat(6), fc.nat(400_000))), (events) => {
      let runState: RunState = { phase: 'launching' };
      let now = 0;
      for (const [name, detail, pause] of events) {
        now += pause;
        runState = runStateAfter(runState, name, detail, at(now)) ?? runState;
        expect(VmStatus.enum).toContain(statusAt(runState, at(now)));
      }
    }),
  );
});
