import { afterEach, expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import { job, MiB, openApi, type TestApi, vmId } from './api.ts';

let api: TestApi;
afterEach(() => {
  api.close();
});

const path = `/api/vms/${vmId}/jobs/j%2F1`;
const json = { accept: 'application/json' };

test('a job has the outcome of each device', async () => {
  api = await openApi();
  expect(JSON.parse((await api.get(path, json)).text)).toEqual({
    href: path,
    id: 'j/1',
    status: 'failed',
    state: 'failed',
    description: `Set the memory of VM ${vmId}`,
    start_time: Date.UTC(2026, 0, 2, 3, 4, 5),
    end_time: Date.UTC(2026, 0, 2, 3, 4, 15),
    correlation_id: 'flow-1',
    requested: 1400 * MiB,
    guaranteed: 900 * MiB,
    changes: {
      change: [
        {
          action: 'unplug',
          alias: 'dimm0',
          size: 256 * MiB,
          state: 'refused',
          attempts: 2,
          message: 'kept',
        },
      ],
    },
    vm: { href: `/api/vms/${vmId}`, id: vmId },
  });
  expect((await api.get(path)).text).toContain('<start_time>2026-01-02T03:04:05.000Z</start_time>');
});

test('the newest job is found without its id', async () => {
  api = await openApi({ 'VM.getMemoryJob': () => job('running') });
  const { text } = await api.get(`/api/vms/${vmId}/jobs`, json);
  expect(JSON.parse(text)).toMatchObject({ job: [{ href: path, id: 'j/1', state: 'running' }] });
  expect((await api.get(`/api/vms/${vmId}/jobs?max=0`)).text).toContain('<jobs/>');
  expect((await api.get(`/api/vms/${vmId}/jobs/`)).text).toContain(`<job href="${path}" id="j/1">`);
});

test('a VM without changes has no jobs, and an unknown VM gets 404', async () => {
  api = await openApi();
  expect((await api.get(`/api/vms/${vmId}/jobs`)).text).toContain('<jobs/>');
  api.close();
  api = await openApi({
    'VM.getMemoryJob': () => {
      throw new VdsmError('NoSuchVM');
    },
  });
  expect((await api.get(`/api/vms/${vmId}/jobs`)).status).toBe(404);
});

test.each([
  ['running', 'started'],
  ['done', 'finished'],
  ['partial', 'failed'],
])('a job that is %s is "%s" in oVirt\'s words', async (state, status) => {
  api = await openApi({ 'VM.getMemoryJob': () => job(state) });
  const { text } = await api.get(path, json);
  expect(JSON.parse(text)).toMatchObject({ status, state });
});

test('an unknown job gets 404, and another error its own status', async () => {
  api = await openApi();
  const { status, text } = await api.get(`/api/vms/${vmId}/jobs/other`);
  expect(status).toBe(404);
  expect(text).toContain('there is no such job');
  api.close();
  api = await openApi({
    'VM.getMemoryJob': () => {
      throw new VdsmError('Recovering');
    },
  });
  expect((await api.get(path)).status).toBe(503);
});
