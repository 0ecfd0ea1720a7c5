import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openApi, type TestApi, vmId } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => {
  api.close();
});

const path = `/api/vms/${vmId}/statistics`;

test('known figures are gauges in bytes by the names of oVirt, unknown ones are absent', async () => {
  const { text } = await api.get(path, { accept: 'application/json' });
  const { statistic } = JSON.parse(text) as { statistic: object[] };
  expect(statistic).toMatchObject([
    { name: 'memory.installed', values: { value: [{ datum: 1024 * 1024 }] } },
    { name: 'memory.used', values: { value: [{ datum: 700 * 1024 }] } },
  ]);
});

test('one figure has the form that oVirt gives it', async () => {
  const { text } = await api.get(`${path}/memory.used`);
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<statistic href="${path}/memory.used" id="memory.used">
  <name>memory.used</name>
  <description>Memory used by the guest</description>
  <kind>gauge</kind>
  <type>integer</type>
  <unit>bytes</unit>
  <values>
    <value>
      <datum>716800</datum>
    </value>
  </values>
  <vm href="/api/vms/${vmId}" id="${vmId}"/>
</statistic>
`);
});

test('a figure that is not known gets 404', async () => {
  expect((await api.get(`${path}/memory.free`)).status).toBe(404);
});
