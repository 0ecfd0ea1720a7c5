import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import { readXml } from '../../../src/domain-xml/readXml.ts';
import { textAt } from '../../../src/domain-xml/element.ts';
import { downId, MiB, openApi, overviews, type TestApi, verbs, vmId } from './api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => {
  api.close();
});

const json = { accept: 'application/json' };

test('a VM is represented as in oVirt, sizes in bytes', async () => {
  const { status, text } = await api.get(`/api/vms/${vmId}`);
  expect(status).toBe(200);
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<vm href="/api/vms/${vmId}" id="${vmId}">
  <name>a&lt;b&gt; &amp; "c"</name>
  <status>up</status>
  <memory>1879048192</memory>
  <memory_policy>
    <guaranteed>1073741824</guaranteed>
    <ballooning>true</ballooning>
    <max>4294967296</max>
  </memory_policy>
  <display>
    <type>vnc</type>
  </display>
  <actions>
    <link rel="reboot" href="/api/vms/${vmId}/reboot"/>
    <link rel="reset" href="/api/vms/${vmId}/reset"/>
    <link rel="shutdown" href="/api/vms/${vmId}/shutdown"/>
    <link rel="start" href="/api/vms/${vmId}/start"/>
    <link rel="stop" href="/api/vms/${vmId}/stop"/>
  </actions>
  <link rel="statistics" href="/api/vms/${vmId}/statistics"/>
  <link rel="reporteddevices" href="/api/vms/${vmId}/reporteddevices"/>
  <link rel="jobs" href="/api/vms/${vmId}/jobs"/>
  <next_run_configuration_exists>false</next_run_configuration_exists>
</vm>
`);
});

test('in JSON sizes are numbers and booleans are strings, as in oVirt', async () => {
  const { text } = await api.get(`/api/vms/${vmId.toUpperCase()}`, json);
  expect(JSON.parse(text)).toEqual({
    href: `/api/vms/${vmId}`,
    id: vmId,
    name: 'a<b> & "c"',
    status: 'up',
    memory: 1792 * MiB,
    memory_policy: { guaranteed: 1024 * MiB, ballooning: 'true', max: 4096 * MiB },
    display: { type: 'vnc' },
    actions: {
      link: ['reboot', 'reset', 'shutdown', 'start', 'stop'].map((rel) => ({
        rel,
        href: `/api/vms/${vmId}/${rel}`,
      })),
    },
    link: ['statistics', 'reporteddevices', 'jobs'].map((rel) => ({
      rel,
      href: `/api/vms/${vmId}/${rel}`,
    })),
    next_run_configuration_exists: 'false',
  });
});

test('the list is made of two verbs, however many VMs there are', async () => {
  const { text } = await api.get('/api/vms', json);
  const { vm } = JSON.parse(text) as { vm: object[] };
  expect(vm).toMatchObject([
    { id: vmId, memory: 1792 * MiB },
    {
      id: downId,
      name: 'gone',
      status: 'down',
      memory: 1024 * MiB,
      memory_policy: { guaranteed: 512 * MiB, ballooning: 'false' },
    },
  ]);
  expect(api.calls.map(({ method }) => method)).toEqual(['Host.getAllVmStats', 'Host.getOverview']);
});

test('the list is the same in XML', async () => {
  const { text } = await api.get('/api/vms');
  const root = readXml(text);
  expect(root.name).toBe('vms');
  expect(textAt(root, 'vm', 'memory_policy', 'guaranteed')).toBe(String(1024 * MiB));
});

test('the requested size of virtio-mem devices counts as memory', async () => {
  const virtioMem = await openApi({
    'VM.getMemoryDevices': () => [{ current_mib: 64, requested_mib: 256, size_mib: 1024 }],
    'Host.getOverview': () => ({
      vms: [{ ...overviews[0], virtio_mem_kib: 65_536, virtio_mem_requested_kib: 262_144 }],
    }),
  });
  const { text } = await virtioMem.get(`/api/vms/${vmId}`, json);
  expect(JSON.parse(text)).toMatchObject({ memory: 2048 * MiB });
  const list = await virtioMem.get('/api/vms', json);
  expect(JSON.parse(list.text)).toMatchObject({ vm: [{ memory: 2048 * MiB }] });
  virtioMem.close();
});

test('a VM that disappears during a listing is left out; other errors are returned', async () => {
  const [first] = overviews;
  const gone = await openApi({ 'Host.getOverview': () => ({ vms: [first] }) });
  const { text } = await gone.get('/api/vms', json);
  expect(JSON.parse(text)).toMatchObject({ vm: [{ id: vmId }] });
  gone.close();
  const failing = await openApi({
    'Host.getOverview': () => {
      throw new VdsmError('GeneralException', 'libvirt is gone');
    },
  });
  expect((await failing.get('/api/vms')).status).toBe(500);
  failing.close();
});

test('a VM that cannot be read is left out of the list', async () => {
  const [first, second] = overviews;
  const { id, name, status } = second;
  const api = await openApi({
    'Host.getOverview': () => ({ vms: [first, { id, name, status, warnings: [], jobs: [] }] }),
  });
  const { text } = await api.get('/api/vms', json);
  expect((JSON.parse(text) as { vm: object[] }).vm).toHaveLength(1);
  api.close();
});

test('a host without VMs has an empty list', async () => {
  const empty = await openApi({ 'Host.getAllVmStats': () => [] });
  expect((await empty.get('/api/vms')).text).toContain('<vms/>');
  expect(JSON.parse((await empty.get('/api/vms', json)).text)).toEqual({ vm: [] });
  empty.close();
});

test('a VM that disappears between two calls gets 404', async () => {
  const gone = await openApi({ ...verbs, 'VM.getStats': () => [] });
  expect((await gone.get(`/api/vms/${vmId}`)).status).toBe(404);
  gone.close();
});
