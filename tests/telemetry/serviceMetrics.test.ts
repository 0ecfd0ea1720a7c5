import { describe, expect, test } from '@jest/globals';
import { type ServiceFacts, serviceMetrics } from '../../src/telemetry/serviceMetrics.ts';
import { KiB } from '../../src/common/units.ts';
import { seriesIn } from '../support/metricsPage.ts';

async function figures(facts: Partial<ServiceFacts>): Promise<Readonly<Record<string, number>>> {
  const page = await serviceMetrics({ version: '1', isConnected: true, ...facts });
  return Object.fromEntries(seriesIn(page).map(({ name, value }) => [name, value]));
}

describe('the metrics of the service', () => {
  test('tell the host in bytes, caches as headroom', async () => {
    const hostMemory = { total: KiB(100), free: KiB(10), buffers: KiB(2), cached: KiB(3) };
    expect(await figures({ hostMemory })).toMatchObject({
      vmemd_host_memory_bytes: 102_400,
      vmemd_host_memory_free_bytes: 10_240,
      vmemd_host_memory_available_bytes: 15_360,
    });
  });

  test('take what a host does not tell of its caches for none', async () => {
    expect(await figures({ hostMemory: { total: KiB(100), free: KiB(10) } })).toMatchObject({
      vmemd_host_memory_available_bytes: 10_240,
    });
  });

  test('leave out what nobody knows', async () => {
    const names = Object.keys(await figures({ isConnected: false }));
    expect(names.filter((name) => name.startsWith('vmemd'))).toEqual(['vmemd_build_info']);
  });

  test('tell whether the hypervisor is within reach', async () => {
    expect(await figures({})).toMatchObject({ libvirt_up: 1 });
    expect(await figures({ isConnected: false })).toMatchObject({ libvirt_up: 0 });
  });

  test('tell when the certificate ends, in seconds', async () => {
    const certificateExpiry = new Date('2027-01-01T00:00:00Z');
    expect(await figures({ certificateExpiry })).toMatchObject({
      vmemd_tls_certificate_expiry_timestamp_seconds: 1_798_761_600,
    });
  });

  test('tell whether MoM answered, where it was asked', async () => {
    expect(await figures({ isMomActive: true })).toMatchObject({ vmemd_mom_active: 1 });
    expect(await figures({ isMomActive: false })).toMatchObject({ vmemd_mom_active: 0 });
    expect(await figures({ isMomActive: undefined })).not.toHaveProperty('vmemd_mom_active');
  });

  test("tell the parameters of MoM's policy that were set, and no other", async () => {
    const policyParameters = { balloonEnabled: true, ksmEnabled: false };
    const page = await serviceMetrics({ version: '1', isConnected: true, policyParameters });
    expect(seriesIn(page).filter(({ name }) => name === 'vmemd_policy_parameter')).toEqual([
      { name: 'vmemd_policy_parameter', labels: { name: 'balloonEnabled' }, value: 1 },
      { name: 'vmemd_policy_parameter', labels: { name: 'ksmEnabled' }, value: 0 },
    ]);
  });

  test('tell of the process what every exporter does', async () => {
    const found = await figures({});
    expect(found['process_resident_memory_bytes']).toBeGreaterThan(1e6);
    expect(found['process_cpu_seconds_total']).toBeGreaterThan(0);
    expect(found['process_open_fds']).toBeGreaterThan(0);
    expect(found['process_start_time_seconds']).toBeLessThanOrEqual(Date.now() / 1000);
  });
});
