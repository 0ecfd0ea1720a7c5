import { beforeEach, describe, expect, test } from '@jest/globals';
import { nextTurn } from '../../src/common/nextTurn.ts';
import { createCall, type RpcSettings } from '../../src/jsonrpc/call.ts';
import type { Caller } from '../../src/jsonrpc/request.ts';
import { createCaller, recorder } from '../support/call.ts';
import { deferred } from '../support/server.ts';
import { idOf, parameters, World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const peer = {
  ...createCaller().peer,
  address: '192.0.2.7',
  certificate: 'engine.example',
  transport: 'stomp' as const,
};

/** Sends requests of that client; returns the log's lines about changes. */
function client(settings: Partial<RpcSettings> = {}, caller: Partial<Caller['peer']> = {}) {
  const { lines, log } = recorder('info');
  const { verbs } = world;
  const services = { ...world.services, rootLog: log };
  const { signal } = new AbortController();
  const call = createCall({ verbs, services, signal, log, clock: world.clock, ...settings });
  const from = { peer: { ...peer, ...caller }, outstanding: 0 };
  return {
    lines,
    log,
    audit: () => lines.filter(({ event }) => event === 'audit'),
    ask: (method: string, params: unknown = {}) =>
      call(method, params, { caller: from, flowId: 'flow-1' }, (result) => result),
  };
}

test('a change has one line: who did what, from where, and the values before and after', async () => {
  const vmID = await world.boot(1, { vmName: 'web' });
  const { ask, audit } = client();
  await ask('VM.setBalloonTarget', { vmID, target: '786432' });
  expect(audit()).toMatchObject([
    {
      level: 30,
      verb: 'VM.setBalloonTarget',
      vmId: vmID,
      vmName: 'web',
      params: { vmID, target: 786_432 },
      address: '192.0.2.7',
      certificate: 'engine.example',
      transport: 'stomp',
      flow_id: 'flow-1',
      code: 0,
      before: { balloon_target_kib: 1_048_576 },
      after: { balloon_target_kib: 786_432 },
      msg: 'VM.setBalloonTarget: done',
    },
  ]);
});

test('params by position have the id of their VM too', async () => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  await ask('VM.setBalloonTarget', [vmID, -1]);
  expect(audit()).toMatchObject([{ vmId: vmID, vmName: 'vm1', code: -32602 }]);
});

test.each([
  ['VM.setGuaranteedMemory', { guaranteed: 700 }, { guaranteed_kib: 700 * 1024 }],
  ['VM.setMemory', { memory: 1280 }, { memory_kib: 1280 * 1024 }],
  ['VM.setMemory', { memory: 1280 }, { memory_job: expect.any(String) }],
  ['VM.setMemoryStatsPeriod', { period: 3 }, { stats_period_s: 3 }],
  ['VM.setCpuTuneQuota', { quota: 50_000 }, { cpu_quota_us: 50_000 }],
  ['VM.pause', {}, { status: 'Paused' }],
  ['VM.shutdown', {}, { status: 'Powering down' }],
  ['VM.setNextRun', { memory: 2048 }, { next_run: { memory_mib: 2048, guaranteed_mib: 512 } }],
])('%s %j leads to %j', async (verb, params, after) => {
  const vmID = await world.boot();
  await world.seconds(30);
  const { ask, audit } = client();
  const asked = ask(verb, { vmID, ...params });
  await world.seconds(1);
  await asked;
  expect(audit()).toMatchObject([{ level: 30, verb, vmId: vmID, code: 0, after }]);
  expect(audit()[0]).not.toHaveProperty('no_change');
  expect(audit()[0]?.['before']).not.toMatchObject(after);
});

test('a change of the host has no VM, also with params by position', async () => {
  const { ask, audit } = client();
  await ask('Host.setLogLevel', ['INFO']);
  expect(audit()).toMatchObject([{ params: { level: 'INFO' }, no_change: true }]);
  expect(audit()[0]).not.toHaveProperty('vmId');
});

test('a created VM was absent before, a destroyed one is afterwards', async () => {
  const { ask, audit } = client();
  const vmID = idOf(1);
  await ask('VM.create', { vmID, vmParams: parameters() });
  await world.seconds(5);
  await ask('VM.destroy', { vmID });
  expect(audit()).toMatchObject([
    {
      verb: 'VM.create',
      vmName: 'vm1',
      before: { status: 'absent' },
      after: { status: 'WaitForLaunch', memory_kib: 1_048_576, guaranteed_kib: 524_288 },
    },
    { verb: 'VM.destroy', vmName: 'vm1', after: { status: 'absent' } },
  ]);
});

test('a refused change is a warning with its reason', async () => {
  const { ask, audit } = client();
  const vmID = idOf(9);
  await ask('VM.setBalloonTarget', { vmID, target: 5 });
  await ask('VM.destroy', { vmID: 5 });
  await ask('VM.pause');
  expect(audit()).toMatchObject([
    {
      level: 40,
      vmId: vmID,
      code: 1,
      reason: expect.stringContaining('does not exist'),
      msg: expect.stringMatching(/^VM.setBalloonTarget: not done, Virtual machine does not exist/),
    },
    { level: 40, verb: 'VM.destroy', params: { vmID: 5 }, code: -32602 },
    { level: 40, verb: 'VM.pause', code: -32602 },
  ]);
});

test('changes refused before they are looked at are told too', async () => {
  const { ask, audit } = client({ obstacle: () => 'the VMs are being read' });
  const outcome = await ask('VM.pause', { vmID: idOf(1) });
  expect(outcome).toMatchObject({ ok: false, isAudited: true });
  expect(audit()).toMatchObject([{ level: 40, verb: 'VM.pause', vmId: idOf(1), code: 99 }]);
});

test('a request that changes nothing says so', async () => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  await ask('VM.setBalloonTarget', { vmID, target: 1_048_576 });
  await ask('VM.cont', { vmID });
  expect(audit()).toMatchObject([
    { code: 0, no_change: true, msg: 'VM.setBalloonTarget: done, without a change' },
    { code: 0, no_change: true },
  ]);
});

test('a dry run says so', async () => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  await ask('VM.setMemory', { vmID, memory: 1280, dryRun: true });
  expect(audit()).toMatchObject([{ dry_run: true, msg: 'VM.setMemory: planned only' }]);
});

test('a request to a guest counts as a change although no value shows it', async () => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  await ask('VM.reset', { vmID });
  await ask('VM.reset', { vmID });
  expect(audit()[1]).not.toHaveProperty('no_change');
});

test('changes of the host have their values', async () => {
  const { ask, audit } = client();
  await ask('Host.setKsmTune', { tuningParams: { run: 0 } });
  await ask('Host.setMOMPolicyParameters', { key_value_store: { balloonEnabled: true } });
  await ask('Host.setMOMPolicy', { policy: '(policy)' });
  expect(audit()).toMatchObject([
    { verb: 'Host.setKsmTune', before: { ksm: { run: 1 } }, after: { ksm: { run: 0 } } },
    { before: { mom_parameters: {} }, after: { mom_parameters: { balloonEnabled: true } } },
    { verb: 'Host.setMOMPolicy', level: 40, code: 54 },
  ]);
});

test('a client that silences the log does not silence what it changes', async () => {
  const vmID = await world.boot();
  const { ask, audit, lines } = client();
  await ask('Host.setLogLevel', { level: 'CRITICAL' });
  await ask('VM.pause', { vmID });
  expect(audit()).toMatchObject([
    { before: { log_level: 'info' }, after: { log_level: 'fatal' } },
    { verb: 'VM.pause' },
  ]);
  expect(lines).toHaveLength(2);
});

test('the local user is asked for as soon as the request comes, and only for changes', async () => {
  const vmID = await world.boot();
  let asked = 0;
  const { ask, audit } = client({}, { user: () => Promise.resolve(`user ${String(++asked)}`) });
  await ask('VM.getStats', { vmID });
  await ask('VM.pause', { vmID });
  expect(audit()).toMatchObject([{ verb: 'VM.pause', user: 'user 1' }]);
});

test('reads have no line', async () => {
  const vmID = await world.boot();
  const { ask, lines } = client();
  for (const verb of ['VM.getStats', 'VM.getBalloonInfo', 'VM.getMemoryUsage']) {
    await ask(verb, { vmID });
  }
  await ask('VM.getStats', { vmID: idOf(9) });
  expect(lines).toEqual([]);
});

test('no line has a secret', async () => {
  const { ask, lines } = client();
  const vmParams = { ...parameters(), password: 's3cret', spiceTicket: 's3cret' };
  await ask('VM.create', { vmID: idOf(1), vmParams });
  expect(lines).not.toEqual([]);
  expect(JSON.stringify(lines)).not.toContain('s3cret');
});

test('START and FINISH are at debug, of a change as of a read', async () => {
  const vmID = await world.boot();
  const { lines, log } = recorder('debug');
  const { ask } = client({ log });
  await ask('VM.pause', { vmID });
  expect(lines.filter(({ level }) => level === 20)).toMatchObject([
    { msg: 'START', method: 'VM.pause' },
    { msg: 'FINISH', method: 'VM.pause', code: 0 },
  ]);
});

test('a change that a guest has not completed is told as begun, with its job', async () => {
  const kernel = { kernel: '/boot/vmlinuz', kernelArgs: 'vmemd.sim=slow-unplug' };
  const vmID = await world.boot(1, kernel);
  await world.call('VM.setMemory', { vmID, memory: 1280 });
  await world.seconds(30);
  const { ask, audit } = client();
  const asked = ask('VM.setMemory', { vmID, memory: 1024 });
  await world.seconds(1);
  await asked;
  const [line] = audit();
  const { memory_job: job } = line?.['after'] as { readonly memory_job: string };
  expect(line).toMatchObject({
    level: 30,
    code: 0,
    pending: true,
    msg: `VM.setMemory: begun, job ${job} is running`,
  });
});

test('a change that was limited has the reason that the client gets', async () => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  await ask('VM.setBalloonTarget', { vmID, target: 400_000 });
  const reason = expect.stringContaining('guarantee') as unknown;
  expect(audit()).toMatchObject([
    { level: 30, code: 0, reason, after: { balloon_target_kib: 524_288 } },
  ]);
  expect(audit()[0]?.['msg']).toMatch(/^VM\.setBalloonTarget: done, but .*guarantee/);
});

test('a change that does not apply is told as refused', async () => {
  const vmID = await world.boot(1, { ballooningEnabled: false });
  const { ask, audit } = client();
  await ask('VM.setBalloonTarget', { vmID, target: 786_432 });
  const reason = expect.stringContaining('balloon') as unknown;
  expect(audit()).toMatchObject([{ level: 40, code: 0, reason }]);
  expect(audit()[0]?.['msg']).toMatch(/^VM\.setBalloonTarget: not done, /);
});

test.each([
  ['VM.destroy', {}, { gracefulAttempts: 1 }],
  ['VM.shutdown', {}, { reboot: false, force: false }],
  ['VM.shutdown', { force: true }, { reboot: false, force: true, timeout: 120 }],
])('%s %j was taken with the defaults %j', async (verb, params, taken) => {
  const vmID = await world.boot();
  const { ask, audit } = client();
  const asked = ask(verb, { vmID, ...params });
  await world.seconds(1);
  await asked;
  expect(audit()).toMatchObject([{ code: 0, params: { vmID, ...taken } }]);
});

describe('a change that still runs when the service no longer waits for it', () => {
  /** Asks for a target whose call to the host does not end until `reply`, and ends the service. */
  async function ended() {
    const vmID = await world.boot();
    const { promise, resolve: reply } = deferred<undefined>();
    world.host.setBalloon = () => promise;
    const stopping = new AbortController();
    const { ask, audit } = client({ signal: stopping.signal });
    const asked = ask('VM.setBalloonTarget', { vmID, target: 786_432 });
    await world.seconds(1);
    stopping.abort();
    await nextTurn();
    return { audit, asked, reply };
  }

  const line = {
    verb: 'VM.setBalloonTarget',
    code: 100,
    msg: expect.stringMatching(/^VM.setBalloonTarget: not done, .*vmemd ended .* may be done/),
  };

  test('has a line that says so', async () => {
    const { audit, asked, reply } = await ended();
    expect(audit()).toMatchObject([line]);
    reply(undefined);
    await asked;
  });

  test('has no other line if it ends after all', async () => {
    const { audit, asked, reply } = await ended();
    reply(undefined);
    await asked;
    expect(audit()).toMatchObject([line]);
  });
});
