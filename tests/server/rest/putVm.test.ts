import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VdsmError } from '../../../src/common/errors.ts';
import { job, MiB, openApi, SEED, setMemoryAnswer, type TestApi, vmId } from './api.ts';
import { assertProperty } from '../../support/property.ts';

let api: TestApi;
afterEach(() => {
  api.close();
});

const path = `/api/vms/${vmId}`;
const json = { 'content-type': 'application/json' };

const open = async (state?: string): Promise<void> => {
  api = await openApi({ 'VM.setMemory': () => setMemoryAnswer(state) });
};

const changed = (): readonly string[] =>
  api.calls.map(({ method }) => method).filter((method) => method.startsWith('VM.set'));

test('memory and guaranteed memory are set in whole MiB', async () => {
  await open();
  expect((await api.put(path, SEED)).status).toBe(200);
  expect(api.params('VM.setMemory')).toEqual({
    vmID: vmId,
    memory: 1400,
    guaranteed: 900,
    wait: false,
    dryRun: false,
  });
});

test('a change that the guest still has to make gets 200 with its job, as SDKs require', async () => {
  await open('running');
  const { status, headers, text } = await api.put(`/ovirt-engine${path}`, SEED);
  expect(status).toBe(200);
  const href = `/ovirt-engine${path}/jobs/j%2F1`;
  expect(headers.location).toBe(href);
  expect(text).toContain(`<job href="${href}" id="j/1">
    <status>started</status>
    <state>running</state>
  </job>`);
  expect(text).toContain('<memory>1879048192</memory>');
});

test.each([
  ['?async=true', {}],
  ['', { prefer: 'respond-async' }],
  ['', { prefer: 'persistent-auth, respond-async; wait=10' }],
  [';async=true', {}],
])('it gets 202 if the client asks by "%s" and %j', async (query, headers) => {
  await open('running');
  const reply = await api.put(`${path}${query}`, SEED, headers);
  expect(reply.status).toBe(202);
  expect(reply.headers).toMatchObject({
    location: `${path}/jobs/j%2F1`,
    'preference-applied': 'respond-async',
  });
  expect(reply.text).toContain('<status>started</status>');
});

test.each([
  ['?async=false', {}],
  ['', { prefer: 'persistent-auth' }],
  ['', { prefer: 'wait=10' }],
  ['?async=true', { 'user-agent': 'PythonSDK/4.6.3' }],
  ['?async=true', { 'user-agent': 'GoSDK/4.4.3' }],
])('it gets 200 with "%s" and %j', async (query, headers) => {
  await open('running');
  expect((await api.put(`${path}${query}`, SEED, headers)).status).toBe(200);
});

test('a change that has ended gets 200 also if 202 was allowed', async () => {
  await open('done');
  expect((await api.put(`${path}?async=true`, SEED)).status).toBe(200);
});

test('the response has the expected memory beside the current one', async () => {
  await open('done');
  const { status, headers, text } = await api.put(path, '{"memory": 1468006400}', json);
  expect([status, headers.location]).toEqual([200, undefined]);
  expect(JSON.parse(text)).toMatchObject({
    memory: 1792 * MiB,
    job: { status: 'finished' },
    memory_change: {
      requested: 1400 * MiB,
      expected: 1408 * MiB,
      next_run: 'updated',
      warnings: { warning: ['8 MiB more than was asked for remain'] },
      changes: { change: [{ action: 'unplug', alias: 'dimm0', size: 256 * MiB }] },
    },
  });
});

test('guaranteed memory can be set without memory', async () => {
  await open();
  const body = '{"memory_policy": {"guaranteed": "943718400"}}';
  expect((await api.put(path, body, json)).status).toBe(200);
  expect(changed()).toEqual(['VM.setGuaranteedMemory']);
  expect(api.params('VM.setGuaranteedMemory')).toEqual({ vmID: vmId, guaranteed: 900 });
});

test('sizes are rounded down to whole MiB', async () => {
  await open();
  await assertProperty(
    fc.asyncProperty(fc.integer({ min: 64, max: 65_535 }), fc.nat(MiB - 1), async (size, rest) => {
      api.calls.length = 0;
      await api.put(path, `<vm><memory>${String(size * MiB + rest)}</memory></vm>`);
      expect(api.params('VM.setMemory')).toMatchObject({ memory: size });
    }),
  );
});

test.each([
  ['?wait=true', { wait: true, dryRun: false }],
  ['?async=false', { wait: true, dryRun: false }],
  ['?async=true', { wait: false }],
  ['?wait=false&async=false', { wait: false }],
  [';async=FALSE', { wait: true }],
  ['?dry_run=true', { dryRun: true }],
  ['?dryRun=true', { dryRun: true }],
  ['?dry_run=false&dryRun=true', { dryRun: true }],
  ['?correlation_id=c', { wait: false, dryRun: false }],
])('%s calls the verb with %j', async (query, asked) => {
  await open();
  expect((await api.put(path + query, SEED)).status).toBe(200);
  expect(api.params('VM.setMemory')).toMatchObject(asked);
});

test.each([
  ['9007199254740993', 'memory is 9007199254740993 bytes, which is too large; give at most'],
  ['1073741824.00000000000000001', 'give a whole number of bytes'],
  ['1e400', 'give a whole number of bytes'],
])('the JSON number %s is refused, never rounded', async (memory, reason) => {
  await open();
  const { status, text } = await api.put(path, `{"memory":${memory}}`, json);
  expect(status).toBe(400);
  expect(text).toContain(reason);
});

test('a client may send the whole representation back', async () => {
  await open();
  const xml = await api.get(path);
  expect((await api.put(path, xml.text)).status).toBe(200);
  expect(api.params('VM.setMemory')).toMatchObject({ memory: 1792, guaranteed: 1024 });
  const { text } = await api.get(path, { accept: 'application/json' });
  expect((await api.put(path, text, json)).status).toBe(200);
});

test.each([
  ['<vm/>', 'The body changes nothing'],
  ['<vm><cpu><topology><cores>4</cores></topology></cpu></vm>', 'The body changes nothing'],
  ['<vm><name>other</name><memory>1073741824</memory></vm>', 'name is "a&lt;b&gt; &amp; "c""'],
  ['<vm><memory_policy><max>1</max></memory_policy></vm>', 'memory_policy.max is "4294967296"'],
  ['<vm><memory_policy><ballooning>false</ballooning></memory_policy></vm>', 'leave it out'],
  ['<vm id="00000000-0000-4000-8000-000000000002"><memory>1</memory></vm>', 'id is "'],
  ['<vm><memory>-5</memory></vm>', 'memory is "-5"; give a whole number of bytes'],
  ['<vm><memory>1.5</memory></vm>', 'memory is "1.5"'],
  [
    '<vm><memory>9007199254740993</memory></vm>',
    'memory is 9007199254740993 bytes, which is too large',
  ],
  [
    '<vm><memory>1400</memory></vm>',
    'memory is 1400 bytes, less than a MiB; sizes here are in bytes',
  ],
  [
    '<vm><memory>1048576</memory></vm>',
    'memory is 1048576 bytes, and sizes here are in bytes: 1048576 KiB are 1073741824',
  ],
  [
    '<vm><memory_policy><guaranteed>1048576</guaranteed></memory_policy></vm>',
    'memory_policy.guaranteed is 1048576 bytes, and sizes here are in bytes: 1048576 KiB are',
  ],
  [
    '<vm><memory_policy><guaranteed>1048575</guaranteed></memory_policy></vm>',
    'memory_policy.guaranteed is 1048575 bytes, less than a MiB',
  ],
  [
    '<vm><memory>99221225472</memory></vm>',
    'memory is 99221225472 bytes, far more than the VM can have, 4294967296; give less',
  ],
  [
    '<vm><memory_policy><guaranteed>32212254720</guaranteed></memory_policy></vm>',
    'memory_policy.guaranteed is 32212254720 bytes, far more than the VM can have',
  ],
  [
    '<vm><memory>134217728</memory><memory_policy><guaranteed>2147483648</guaranteed></memory_policy></vm>',
    'memory_policy.guaranteed is 2147483648 bytes, far more than the VM can have, 134217728',
  ],
  [
    '<vm><memory>1073741824</memory><guaranteed>943718400</guaranteed></vm>',
    'guaranteed belongs in memory_policy',
  ],
  ['<vm><max>4294967296</max></vm>', 'max belongs in memory_policy'],
  ['<vm><ballooning>true</ballooning></vm>', 'ballooning belongs in memory_policy'],
  ['<vm><memory>1 GiB</memory></vm>', 'memory is "1 GiB"'],
  ['<vm><memory/></vm>', 'memory is ""'],
  ['<vm><memory>99999999999999999999</memory></vm>', 'give at most 9007199254740991 bytes'],
  ['<vm><memory>0</memory></vm>', 'memory is 0 bytes, less than a MiB; sizes here are in bytes'],
  [`<vm><memory>${'x'.repeat(200)}</memory></vm>`, `${'x'.repeat(100)}…`],
  ['<vm><memory_policy><guaranteed>1e9</guaranteed></memory_policy></vm>', 'memory_policy.guarant'],
])('%s is refused and changes nothing, also for the next run', async (body, detail) => {
  await open();
  for (const where of [path, `${path}?next_run=true`]) {
    const { status, text } = await api.put(where, body);
    expect(status).toBe(400);
    expect(text).toContain(detail);
  }
  expect(changed()).toEqual([]);
});

test('a misplaced member is refused in JSON too', async () => {
  await open();
  const body = '{"memory": 1468006400, "guaranteed": 943718400, "comment": null}';
  const { status, text } = await api.put(path, body, json);
  expect(status).toBe(400);
  expect(text).toContain('guaranteed belongs in memory_policy');
  expect(changed()).toEqual([]);
});

test('a guarantee of 0 is accepted', async () => {
  await open();
  const body = '<vm><memory_policy><guaranteed>0</guaranteed></memory_policy></vm>';
  expect((await api.put(path, body)).status).toBe(200);
  expect(api.params('VM.setGuaranteedMemory')).toEqual({ vmID: vmId, guaranteed: 0 });
});

test.each(['?dry-run=true', '?current', ';next_rum=true', '?x&dry_run=true'])(
  'a PUT with the unknown parameter %s is refused',
  async (query) => {
    await open();
    const { status, text } = await api.put(path + query, SEED);
    expect(status).toBe(400);
    expect(text).toContain('known are async, correlation_id, dryRun, dry_run, next_run, wait');
    expect(changed()).toEqual([]);
  },
);

test.each(['?dry_run=false&dry_run=true', ';dry_run=true?dry_run=true', '?async=false&async'])(
  'a PUT with a parameter given twice, %s, is refused',
  async (query) => {
    await open();
    const { status, text } = await api.put(path + query, SEED);
    expect(status).toBe(400);
    expect(text).toMatch(/The parameter "(dry_run|async)" is given twice; give it once\./);
    expect(changed()).toEqual([]);
  },
);

test.each([
  ['?dry_run=true', '<vm><memory_policy><guaranteed>0</guaranteed></memory_policy></vm>'],
  ['?wait=perhaps', SEED],
  ['?dry_run=', SEED],
])('a PUT with an invalid %s is refused', async (query, body) => {
  await open();
  expect((await api.put(path + query, body)).status).toBe(400);
  expect(changed()).toEqual([]);
});

test('a refused change gets 409', async () => {
  api = await openApi({
    'VM.setGuaranteedMemory': () => {
      throw new VdsmError('VMIsDown', 'the VM is Down; start it');
    },
  });
  const body = '<vm><memory_policy><guaranteed>0</guaranteed></memory_policy></vm>';
  const { status, text } = await api.put(path, body);
  expect(status).toBe(409);
  expect(text).toContain('<reason>Virtual machine is down</reason>');
  expect(text).toContain('<detail>the VM is Down; start it</detail>');
});

test('a failed change has the location of its job', async () => {
  api = await openApi({
    'VM.setMemory': () => {
      const data = { job_id: 'new' };
      throw new VdsmError('HotunplugMemFailed', 'the guest kept it', { data });
    },
  });
  const { status, headers, text } = await api.put(`${path}?wait=true`, SEED);
  expect(status).toBe(409);
  expect(headers.location).toBe(`${path}/jobs/new`);
  expect(text).toContain('<detail>the guest kept it</detail>');
});

test('a change refused before it had a job has no location', async () => {
  const refuse = () => {
    throw new VdsmError('HotunplugMemFailed', 'no device is small enough');
  };
  api = await openApi({ 'VM.setMemory': refuse });
  expect((await api.put(path, SEED)).headers.location).toBeUndefined();
  api.close();
  api = await openApi({ 'VM.setMemory': refuse, 'VM.getMemoryJob': () => job('done') });
  const { status, headers } = await api.put(path, SEED);
  expect([status, headers.location]).toEqual([409, undefined]);
});

test('a VM without a maximum refuses memory_policy.max', async () => {
  api = await openApi({
    'Host.dumpxmls': () => ({
      [vmId]: `<domain type='kvm'><name>n</name><uuid>${vmId}</uuid><memory>1</memory></domain>`,
    }),
  });
  const { text } = await api.put(path, '<vm><memory_policy><max>5</max></memory_policy></vm>');
  expect(text).toContain('memory_policy.max is not set');
});
