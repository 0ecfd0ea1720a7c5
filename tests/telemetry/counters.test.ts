import { describe, expect, test } from '@jest/globals';
import { createCounters, isDeviceOutcome, type Counters } from '../../src/telemetry/counters.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { seriesIn } from '../support/metricsPage.ts';

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
  test('time requests by method and code, in seconds', async () => {
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

  test('time calls to libvirt by procedure', async () => {
    const counters = createCounters();
    counters.libvirtCall('domainGetInfo', Milliseconds(3));
    const labels = { procedure: 'domainGetInfo' };
    expect(await value(counters, 'vmemd_libvirt_call_duration_seconds_sum', labels)).toBe(0.003);
  });

  test('begin at 0, so that the first event is seen as a rise', async () => {
    const counters = createCounters();
    const refused = { outcome: 'device-removal-failed' };
    const name = 'vmemd_memory_device_events_total';
    expect(await value(counters, name, refused)).toBe(0);
    expect(await value(counters, 'vmemd_hypervisor_reconnects_total')).toBe(0);
    counters.memoryDevice('device-removal-failed');
    counters.reconnected();
    expect(await value(counters, name, refused)).toBe(1);
    expect(await value(counters, 'vmemd_hypervisor_reconnects_total')).toBe(1);
  });

  test('count how changes of memory devices end, each pair from 0', async () => {
    const counters = createCounters();
    const name = 'vmemd_memory_change_outcomes_total';
    const late = { action: 'unplug', outcome: 'removed-late' };
    expect(await value(counters, name, late)).toBe(0);
    counters.memoryChange({ action: 'unplug', state: 'timed-out' });
    counters.memoryChange({ action: 'unplug', state: 'removed-late' });
    expect(await value(counters, name, late)).toBe(1);
    expect(await value(counters, name, { action: 'unplug', outcome: 'timed-out' })).toBe(1);
    expect(await value(counters, name, { action: 'plug', outcome: 'not-online' })).toBe(0);
  });

  test('tell the lag of the event loop', async () => {
    const counters = createCounters();
    counters.eventLoopLag(Milliseconds(250));
    expect(await value(counters, 'vmemd_event_loop_lag_seconds_sum')).toBe(0.25);
  });

  test('are apart from those of another service in the same process', async () => {
    const [one, other] = [createCounters(), createCounters()];
    one.reconnected();
    expect(await value(other, 'vmemd_hypervisor_reconnects_total')).toBe(0);
  });

  test('count of the news about VMs those of devices', () => {
    expect(['device-removed', 'status', 'balloon-change'].map(isDeviceOutcome)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
