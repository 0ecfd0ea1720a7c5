import { describe, expect, test } from '@jest/globals';
import { createCounters, type Counters } from '../../src/telemetry/counters.ts';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import { endedChange as ended, seriesIn } from '../support/metricsPage.ts';

async function value(
  counters: Counters,
  name: string,
  labels: object = {},
): Promise<number | undefined> {
  const series = seriesIn(await counters.exposition());
  return series.find((one) => one.name === name && matches(one.labels, labels))?.value;
}

const matches = (found: object, wanted: object): boolean =>
  JSON.stringify({ ...found, ...wanted }) === JSON.stringify(found);

describe('counters', () => {
  test('measure requests by method and code, in seconds', async () => {
    const counters = createCounters();
    counters.rpc('VM.create', 0, Milliseconds(20));
    counters.rpc('VM.create', 0, Milliseconds(200));
    counters.rpc('VM.create', 9, Milliseconds(1));
    const name = 'vmemd_rpc_duration_seconds';
    const labels = { method: 'VM.create', code: '0' };
    expect(await value(counters, `${name}_count`, labels)).toBe(2);
    expect(await value(counters, `${name}_sum`, labels)).toBeCloseTo(0.22);
    expect(await value(counters, `${name}_bucket`, { le: '0.025', ...labels })).toBe(1);
    expect(await value(counters, `${name}_count`, { ...labels, code: '9' })).toBe(1);
  });

  test('measure libvirt calls by procedure', async () => {
    const counters = createCounters();
    counters.libvirtCall('domainGetInfo', Milliseconds(3));
    const labels = { procedure: 'domainGetInfo' };
    expect(await value(counters, 'vmemd_libvirt_call_duration_seconds_sum', labels)).toBe(0.003);
  });

  test('begin at 0, so that the first event shows as an increase', async () => {
    const counters = createCounters();
    const refused = { outcome: 'device-removal-failed' };
    const name = 'vmemd_memory_device_events_total';
    expect(await value(counters, name, refused)).toBe(0);
    expect(await value(counters, 'vmemd_hypervisor_reconnects_total')).toBe(0);
    counters.vmEvent({ kind: 'device-removal-failed', alias: 'dimm0' });
    counters.hostEvent({ kind: 'reconnected' });
    expect(await value(counters, name, refused)).toBe(1);
    expect(await value(counters, 'vmemd_hypervisor_reconnects_total')).toBe(1);
  });

  test('of errors of methods and of procedures begin at 0 once they are known, durations of methods with the first request', async () => {
    const counters = createCounters();
    counters.rpc('VM.create', 0, Milliseconds(20));
    counters.expectMethods(
      new Map([
        ['VM.create', [9]],
        ['VM.destroy', [1, 42]],
      ]),
    );
    counters.expectProcedures(['domainGetInfo']);
    const errors = 'vmemd_rpc_errors_total';
    expect(await value(counters, errors, { method: 'VM.destroy', code: '42' })).toBe(0);
    const requests = 'vmemd_rpc_duration_seconds_count';
    expect(await value(counters, requests, { method: 'VM.create' })).toBe(1);
    expect(await value(counters, requests, { method: 'VM.destroy' })).toBeUndefined();
    const calls = 'vmemd_libvirt_call_duration_seconds_count';
    expect(await value(counters, calls, { procedure: 'domainGetInfo' })).toBe(0);
    counters.rpc('VM.destroy', 42, Milliseconds(1));
    expect(await value(counters, errors, { method: 'VM.destroy', code: '42' })).toBe(1);
  });

  test('count outcomes of memory device changes, each pair from 0', async () => {
    const counters = createCounters();
    const name = 'vmemd_memory_change_outcomes_total';
    const late = { action: 'unplug', outcome: 'removed-late' };
    expect(await value(counters, name, late)).toBe(0);
    counters.vmEvent(ended('unplug', 'timed-out'));
    counters.vmEvent(ended('unplug', 'removed-late'));
    expect(await value(counters, name, late)).toBe(1);
    expect(await value(counters, name, { action: 'unplug', outcome: 'timed-out' })).toBe(1);
    expect(await value(counters, name, { action: 'plug', outcome: 'not-online' })).toBe(0);
  });

  test('measure the lag of the event loop', async () => {
    const counters = createCounters();
    counters.eventLoopLag(Milliseconds(250));
    expect(await value(counters, 'vmemd_event_loop_lag_seconds_sum')).toBe(0.25);
  });

  test('are independent of other counters in the same process', async () => {
    const [one, other] = [createCounters(), createCounters()];
    one.hostEvent({ kind: 'reconnected' });
    expect(await value(other, 'vmemd_hypervisor_reconnects_total')).toBe(0);
  });

  test('ignore events that are neither of devices nor of finished changes', async () => {
    const counters = createCounters();
    const before = await counters.exposition();
    counters.vmEvent({ kind: 'status', status: 'Up' });
    counters.vmEvent(ended('plug', 'requested'));
    counters.hostEvent({ kind: 'balloon-change', uuid: 'x', current: KiB(1) });
    expect(await counters.exposition()).toBe(before);
  });
});
