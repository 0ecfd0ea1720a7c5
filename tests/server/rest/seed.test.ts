import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { World } from '../../support/world.ts';
import { MiB, openApi, SEED, type TestApi } from './api.ts';

let world: World;
let api: TestApi;
beforeEach(async () => {
  world = await World.open();
  api = await openApi({}, { verbs: world.verbs, services: world.services });
});
afterEach(() => {
  api.close();
  world.vms.stop();
});

const json = { accept: 'application/json' };

/** The compared part of a response. */
async function read(path: string): Promise<Record<string, unknown>> {
  return JSON.parse((await api.get(path, json)).text) as Record<string, unknown>;
}

/** A VM of 1792 MiB, with four plugged devices of 256, 256, 128 and 128 MiB. */
async function plugged(): Promise<string> {
  const vmId = await world.boot(1, { memGuaranteedSize: 1024 });
  for (const size of [256, 256, 128, 128]) await world.plug(vmId, size);
  await world.sampled();
  return `/ovirt-engine/api/vms/${vmId}`;
}

test('setting 1400 of 1792 MiB unplugs 256 and 128, and 900 stay guaranteed', async () => {
  const path = await plugged();
  expect(await read(path)).toMatchObject({ memory: 1792 * MiB });

  const { status, headers } = await api.put(`${path}?correlation_id=seed`, SEED);
  expect(status).toBe(200);
  const { location = '' } = headers;
  expect(location).toContain(`${path}/jobs/`);
  expect(await read(location)).toMatchObject({ status: 'started', correlation_id: 'seed' });

  await world.seconds(30);
  const job = await read(location);
  expect(job).toMatchObject({ status: 'finished', state: 'done' });
  expect(await read(path)).toMatchObject({
    memory: 1408 * MiB,
    memory_policy: { guaranteed: 900 * MiB },
  });
  const { reported_device: left } = await read(`${path}/reporteddevices`);
  expect(left).toMatchObject([{ size: 256 * MiB }, { size: 128 * MiB }]);
});

test('a dry run reports the plan and changes nothing', async () => {
  const path = await plugged();
  const { status, text } = await api.put(`${path}?dry_run=true`, SEED, json);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    memory: 1792 * MiB,
    memory_change: { expected: 1408 * MiB },
  });
  await world.seconds(30);
  expect(await read(path)).toMatchObject({ memory: 1792 * MiB });
});

test('the whole representation can be sent back without a change', async () => {
  const path = await plugged();
  const { text } = await api.get(path);
  expect((await api.put(path, text)).status).toBe(200);
  const { status } = await api.put(
    path,
    '<vm><memory_policy><guaranteed>1073741824</guaranteed></memory_policy></vm>',
  );
  expect(status).toBe(200);
  expect(await read(path)).toMatchObject({ memory_policy: { guaranteed: 1024 * MiB } });
});

test('a client that waits gets the outcome', async () => {
  const path = await plugged();
  const put = api.put(`${path}?wait=true`, SEED, json);
  const answered = put.then(() => true);
  const aSecond = async (): Promise<false> => {
    await world.seconds(1);
    await new Promise((resolve) => setImmediate(resolve));
    return false;
  };
  while (!(await Promise.race([answered, aSecond()])));
  const { status, text } = await put;
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ memory: 1408 * MiB, job: { status: 'finished' } });
});

test('more memory than the maximum gets 409', async () => {
  const path = await plugged();
  const { status, text } = await api.put(path, '<vm><memory>53687091200</memory></vm>');
  expect(status).toBe(409);
  expect(text).toContain('4096 MiB');
});

test('a VM that is down is listed by its name, and cannot be changed', async () => {
  const vmId = await world.boot(1, { vmName: 'a<b>&"c"' });
  await world.call('VM.shutdown', { vmID: vmId, delay: '0', message: '' });
  await world.seconds(60);
  expect(await world.status(vmId)).toBe('Down');
  expect(await read('/api/vms')).toMatchObject({
    vm: [{ name: 'a<b>&"c"', status: 'down', memory: 1024 * MiB }],
  });
  const { status, text } = await api.put(`/api/vms/${vmId}`, SEED);
  expect(status).toBe(409);
  expect(text).toContain('<reason>Virtual machine is down</reason>');
});

test('PUT ?next_run=true sets the next run alone, and GET ?next_run=true returns it', async () => {
  const path = await plugged();
  const { status, text } = await api.put(`${path}?next_run=true`, SEED, json);
  expect(status).toBe(200);
  const next = {
    memory: 1400 * MiB,
    memory_policy: { guaranteed: 900 * MiB, max: 4096 * MiB },
    next_run_configuration_exists: 'true',
  };
  expect(JSON.parse(text)).toMatchObject(next);
  expect(await read(`${path}?next_run=true`)).toMatchObject(next);
  expect(await read(`${path};next_run=true`)).toMatchObject(next);
  await world.seconds(30);
  expect(await read(path)).toMatchObject({
    memory: 1792 * MiB,
    memory_policy: { guaranteed: 1024 * MiB },
    next_run_configuration_exists: 'true',
  });
});

test('GET ?next_run=true of a VM without other settings is this run', async () => {
  const path = `/api/vms/${await world.boot()}`;
  expect(await read(`${path}?next_run=true`)).toEqual(await read(path));
});

test.each([
  ['?next_run=true', '<vm><name>vm1</name></vm>', 'The body changes nothing'],
  ['?next_run=true&dry_run=true', SEED, 'leave next_run out'],
  ['?next_run=perhaps', SEED, 'give true or false'],
])('PUT %s with %s is refused', async (query, body, detail) => {
  const path = await plugged();
  const { status, text } = await api.put(path + query, body);
  expect(status).toBe(400);
  expect(text).toContain(detail);
});
