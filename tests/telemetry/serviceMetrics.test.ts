import { describe, expect, test } from '@jest/globals';
import { type ServiceSources, serviceMetrics } from '../../src/telemetry/serviceMetrics.ts';
import { silent } from '../support/call.ts';
import { seriesIn } from '../support/metricsPage.ts';

const page = (sources: Partial<ServiceSources>): Promise<string> =>
  serviceMetrics({
    version: '1',
    hypervisor: { isConnected: true, isReal: true },
    mom: { wasActive: undefined, parameters: {} },
    certificateExpiry: undefined,
    droppedLines: 0,
    log: silent,
    ...sources,
  });

async function figures(
  sources: Partial<ServiceSources>,
): Promise<Readonly<Record<string, number>>> {
  const series = seriesIn(await page(sources));
  return Object.fromEntries(series.map(({ name, value }) => [name, value]));
}

const mom = (wasActive?: boolean, parameters = {}) => ({ wasActive, parameters });

describe('the metrics of the service', () => {
  test('have no series for a value that is not known', async () => {
    const names = Object.keys(await figures({ hypervisor: { isConnected: false, isReal: true } }));
    expect(names.filter((name) => name.startsWith('vmemd'))).toEqual([
      'vmemd_build_info',
      'vmemd_simulated',
      'vmemd_log_lines_dropped_total',
    ]);
  });

  test('report whether the hypervisor is connected', async () => {
    expect(await figures({})).toMatchObject({ libvirt_up: 1 });
    expect(await figures({ hypervisor: { isConnected: false, isReal: true } })).toMatchObject({
      libvirt_up: 0,
    });
  });

  test('report the expiry of the certificate in seconds', async () => {
    const certificateExpiry = new Date('2027-01-01T00:00:00Z');
    expect(await figures({ certificateExpiry })).toMatchObject({
      vmemd_tls_certificate_expiry_timestamp_seconds: 1_798_761_600,
    });
  });

  test('report whether MoM answered the last request, if there was one', async () => {
    expect(await figures({ mom: mom(true) })).toMatchObject({ vmemd_mom_active: 1 });
    expect(await figures({ mom: mom(false) })).toMatchObject({ vmemd_mom_active: 0 });
    expect(await figures({ mom: mom(undefined) })).not.toHaveProperty('vmemd_mom_active');
  });

  test("report those parameters of MoM's policy that a client has set", async () => {
    const policyParameters = { balloonEnabled: true, ksmEnabled: false };
    const series = seriesIn(await page({ mom: mom(undefined, policyParameters) }));
    expect(series.filter(({ name }) => name === 'vmemd_policy_parameter')).toEqual([
      { name: 'vmemd_policy_parameter', labels: { name: 'balloonEnabled' }, value: 1 },
      { name: 'vmemd_policy_parameter', labels: { name: 'ksmEnabled' }, value: 0 },
    ]);
  });

  test('report the usual figures of the process', async () => {
    const found = await figures({});
    expect(found['process_resident_memory_bytes']).toBeGreaterThan(1e6);
    expect(found['process_cpu_seconds_total']).toBeGreaterThan(0);
    expect(found['process_open_fds']).toBeGreaterThan(0);
    expect(found['process_start_time_seconds']).toBeLessThanOrEqual(Date.now() / 1000);
  });
});
