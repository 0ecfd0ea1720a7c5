import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { deviceState } from '../../src/memory/deviceState.ts';
import type { ChangeState, MemoryJob } from '../../src/memory/jobs.ts';
import { change, changes, job } from './changes.ts';
import { mib } from './domains.ts';
import { assertProperty } from '../support/property.ts';

const dimm = (alias: string): MemoryDevice => ({ model: 'dimm', alias, size: mib(128), node: 0 });
const plug = (state: ChangeState): MemoryJob =>
  job({ id: `plug ${state}`, changes: [change({ action: 'plug', state })] });
const unplug = (state: ChangeState): MemoryJob =>
  job({ id: `unplug ${state}`, changes: [change({ state })] });
const stateAfter = (...jobs: MemoryJob[]) => deviceState(jobs, dimm('dimm0')).state;

test.each<[ChangeState, string]>([
  ['requested', 'plugged'],
  ['unverified', 'plugged'],
  ['failed', 'plugged'],
  ['online', 'guest-online'],
  ['not-online', 'not-online'],
])('a device whose plug is %s is %s', (state, expected) => {
  expect(stateAfter(plug(state))).toBe(expected);
});

test.each<[ChangeState, string]>([
  ['queued', 'unplugging'],
  ['requested', 'unplugging'],
  ['timed-out', 'unplugging'],
  ['refused', 'refused'],
  ['failed', 'guest-online'],
])('a device in use whose unplug is %s is %s', (state, expected) => {
  expect(stateAfter(plug('online'), unplug(state))).toBe(expected);
});

test('a device that no job tells of is just plugged', () => {
  expect(deviceState([], dimm('dimm0'))).toEqual({ state: 'plugged' });
  expect(deviceState([plug('online')], dimm('dimm1'))).toEqual({ state: 'plugged' });
});

test('the job that tells comes along, with what it says of that device', () => {
  const told = job({
    changes: [
      change({ state: 'refused', message: 'no' }),
      change({ alias: 'dimm1', message: 'x' }),
    ],
  });
  expect(deviceState([plug('online'), told], dimm('dimm0'))).toEqual({
    state: 'refused',
    job: told,
    message: 'no',
  });
});

test('a request that is awaited is not over where another one beside it is refused', () => {
  const [first, second] = [unplug('requested'), unplug('refused')];
  expect(deviceState([plug('online'), first, second], dimm('dimm0'))).toEqual({
    state: 'unplugging',
    job: first,
  });
});

test('a refusal is not forgotten over a request that came to nothing', () => {
  expect(stateAfter(plug('online'), unplug('refused'), unplug('failed'))).toBe('refused');
});

describe('a device that got the alias of one before it', () => {
  test('is not taken for that one', () => {
    expect(stateAfter(plug('online'), unplug('removed'))).toBe('plugged');
    expect(stateAfter(plug('not-online'), unplug('removed-late'))).toBe('plugged');
    expect(stateAfter(unplug('refused'), plug('requested'))).toBe('plugged');
    expect(stateAfter(plug('online'), unplug('refused'), plug('online'))).toBe('guest-online');
  });

  test('is known by its place and its size as well', () => {
    const jobs = [plug('online'), unplug('timed-out')].map((each) => ({
      ...each,
      changes: each.changes.map((one) => ({ ...one, base: '0x100000000' })),
    }));
    const at = (base: string, size = mib(128)) =>
      deviceState(jobs, { ...dimm('dimm0'), size, address: { slot: 0, base } }).state;
    expect(at('0x100000000')).toBe('unplugging');
    expect(at('0x110000000')).toBe('plugged');
    expect(at('0x100000000', mib(256))).toBe('plugged');
    expect(deviceState(jobs, dimm('dimm0')).state).toBe('unplugging');
  });

  test('is told of by what was done to itself', () => {
    expect(stateAfter(unplug('removed'), plug('online'))).toBe('guest-online');
    expect(stateAfter(plug('online'), unplug('removed'), unplug('refused'))).toBe('refused');
  });
});

test('whatever was done, the job that tells is about that device', () => {
  assertProperty(
    fc.property(fc.array(fc.array(changes, { maxLength: 3 })), (all) => {
      const jobs = all.map((each, n) => job({ id: String(n), changes: each }));
      const { state, job: told } = deviceState(jobs, dimm('dimm0'));
      if (state !== 'plugged') expect(told).toBeDefined();
      if (told) expect(told.changes.some(({ alias }) => alias === 'dimm0')).toBe(true);
    }),
  );
});

describe('a virtio-mem device', () => {
  const at = (requested: number, current: number, state?: ChangeState) => {
    const virtioMem = { block: mib(2), requested: mib(requested), current: mib(current) };
    const jobs = state ? [job({ changes: [change({ action: 'resize', state })] })] : [];
    return deviceState(jobs, { ...dimm('dimm0'), model: 'virtio-mem', virtioMem }).state;
  };

  test.each<[number, number, ChangeState | undefined, string]>([
    [512, 512, undefined, 'guest-online'],
    [512, 512, 'reached', 'guest-online'],
    [0, 0, undefined, 'plugged'],
    [512, 256, 'requested', 'plugged'],
    [512, 256, undefined, 'plugged'],
    [512, 256, 'timed-out', 'not-online'],
    [256, 512, 'requested', 'unplugging'],
    [256, 512, 'timed-out', 'unplugging'],
  ])('asked for %i MiB, with %i, its change %s, is %s', (requested, current, state, expected) => {
    expect(at(requested, current, state)).toBe(expected);
  });
});
