import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MiB, openApi, type TestApi, vmId } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => {
  api.close();
});

const path = `/api/vms/${vmId}/reporteddevices`;

test('memory devices are listed as reported devices', async () => {
  const { status, text } = await api.get(path);
  expect(status).toBe(200);
  expect(text).toContain(`<reported_devices>
  <reported_device id="dimm0">
    <name>dimm0</name>
    <type>memory</type>
    <model>dimm</model>
    <size>268435456</size>
    <node>0</node>
    <slot>0</slot>
    <base>0x100000000</base>
    <state>guest-online</state>
    <vm href="/api/vms/${vmId}" id="${vmId}"/>
  </reported_device>`);
});

test('a device with a running job links to it', async () => {
  const { text } = await api.get(path, { accept: 'application/json' });
  const { reported_device: devices } = JSON.parse(text) as { reported_device: object[] };
  expect(devices[1]).toEqual({
    id: 'dimm1',
    name: 'dimm1',
    type: 'memory',
    model: 'dimm',
    size: 128 * MiB,
    node: 1,
    slot: 1,
    state: 'refused',
    message: 'the guest kept it',
    job: { href: `/api/vms/${vmId}/jobs/j%2F1`, id: 'j/1' },
    vm: { href: `/api/vms/${vmId}`, id: vmId },
  });
});

test('max limits the number of devices', async () => {
  const { text } = await api.get(`${path}?max=1`, { accept: 'application/json' });
  expect(JSON.parse(text)).toMatchObject({ reported_device: [{ id: 'dimm0' }] });
  expect((await api.get(`${path}?max=few`)).status).toBe(400);
});

test('an unknown VM gets 404', async () => {
  const { status } = await api.get('/api/vms/00000000-0000-4000-8000-0000000000ff/reporteddevices');
  expect(status).toBe(404);
});
