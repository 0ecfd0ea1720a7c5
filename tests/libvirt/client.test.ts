import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, type ClientEvent } from '../../src/libvirt/client.ts';
import { LibvirtError, UnreachableError } from '../../src/libvirt/error.ts';
import type { Timers } from '../../src/libvirt/timers.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { FakeLibvirtd, hang } from '../support/fakeLibvirtd.ts';
import { passTime, until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const info = { state: 1, maxMemory: 1024, memory: 512, vcpus: 2, cpuTime: 0n };
const dom = { name: 'a', uuid, id: 1 };
const EVENTS = [0, 1, 13, 15, 19, 22, 23, 26];

let daemon: FakeLibvirtd;
let clock: VirtualClock;
let client: Client;
let seen: ClientEvent[];

const kinds = () => seen.map(({ kind }) => kind);
const registered = () =>
  daemon
    .received('eventCallbackRegisterAny')
    .map(({ event }) => event)
    .sort((a, b) => a - b);

beforeEach(async () => {
  daemon = await FakeLibvirtd.start();
  daemon.on('connectGetHostname', () => 'h');
  clock = new VirtualClock();
  client = new Client({ uri: daemon.uri, timers: clock, random: () => 1 });
  seen = [];
  client.listen((event) => seen.push(event));
});

afterEach(async () => {
  client.close();
  await daemon.remove();
});

test('opens four connections, and registers each event kind once', async () => {
  await client.open();
  expect([client.isConnected, daemon.sockets.size]).toEqual([true, 4]);
  expect(registered()).toEqual(EVENTS);
});

const refusing = (kind: number, code: number) => {
  daemon.on('eventCallbackRegisterAny', ({ event }) => {
    if (event === kind) throw new LibvirtError(`no event ${event}`, { code, domain: 7 });
    return event;
  });
};

test.each([
  ['invalid argument', 8],
  ['no support', 3],
])('an event kind that an older daemon refuses as %s is skipped alone', async (_, code) => {
  refusing(26, code);
  await client.open();
  expect(registered()).toEqual(EVENTS);
  expect(seen).toMatchObject([{ kind: 'problem', problem: { code } }]);
});

test.each([
  ['the life cycle of domains', 0, 8],
  ['any kind for another reason', 26, 38],
])('a daemon that refuses %s events is not used', async (_, kind, code) => {
  refusing(kind, code);
  await expect(client.open()).rejects.toMatchObject({ code });
  expect(client.isConnected).toBe(false);
  await until(() => daemon.sockets.size === 0);
});

test('hung statistics do not block control', async () => {
  daemon.on('domainGetInfo', () => hang);
  await client.open();
  const stuck = Array.from({ length: 6 }, () => client.statistics.domain(uuid).getInfo());
  const settled = Promise.allSettled(stuck);
  expect(await client.control.getHostname()).toBe('h');
  client.close();
  await settled;
});

test('a guest with a call beyond its deadline is stuck until it replies', async () => {
  let answer = (): void => undefined;
  daemon.on('domainMemoryStats', () => new Promise((resolve) => (answer = () => resolve([]))));
  await client.open();
  const call = expect(client.statistics.domain(uuid).memoryStats({ timeout: 100 })).rejects.toThrow(
    '100 ms',
  );
  await until(() => daemon.received('domainMemoryStats').length === 1);
  expect(client.isStuck(uuid)).toBe(false);
  await clock.advance(Milliseconds(100));
  await call;
  expect(client.isStuck(uuid)).toBe(true);
  answer();
  await until(() => !client.isStuck(uuid));
});

const guest = (n: number) => uuid.replace(/..$/, String(10 + n));

test('twenty hung guests leave a place to one that runs, and errors name them', async () => {
  const hung = new Set(Array.from({ length: 20 }, (_, n) => guest(n)));
  const running = guest(30);
  let cpuTime = 0n;
  const hangs = ({ dom: { uuid: asked } }: { dom: { uuid: string } }) => hung.has(asked);
  daemon.on('domainMemoryStats', (args) => (hangs(args) ? hang : []));
  daemon.on('domainSetMemoryFlags', (args) => (hangs(args) ? hang : undefined));
  daemon.on('domainGetInfo', (args) => ({ ...info, cpuTime: hangs(args) ? 0n : cpuTime++ }));
  daemon.on('domainDestroyFlags', () => undefined);
  await client.open();
  client.learnNames([...hung].map((each, n) => ({ name: `vm${String(n)}`, uuid: each, id: n })));
  const failures: string[] = [];
  const calls = [...hung].flatMap((each) =>
    (['control', 'statistics'] as const).map((lane) => {
      const domain = client[lane].domain(each);
      const timeout = { timeout: 10_000 };
      const call =
        lane === 'control' ? domain.setMemoryFlags(1, 1, timeout) : domain.memoryStats(timeout);
      return call.catch((error: unknown) => failures.push((error as Error).message));
    }),
  );
  await passTime(clock, Promise.all(calls));
  expect(new Set([...client.stuck, ...client.silent])).toEqual(hung);
  expect(failures).toHaveLength(40);
  expect(failures.filter((message) => /\(vm\d+(, vm\d+)*\)/.test(message)).length).toBeGreaterThan(
    20,
  );
  await passTime(clock, client.control.domain(running).setMemoryFlags(1, 1));
  await passTime(clock, client.statistics.domain(running).memoryStats());
  await client.control.domain(guest(0)).destroyFlags(0);
});

test('five guests that hang delay calls to others by no time, once these have replied', async () => {
  const hung = new Set(Array.from({ length: 5 }, (_, n) => guest(n)));
  const hangs = ({ dom: { uuid: asked } }: { dom: { uuid: string } }) => hung.has(asked);
  let cpuTime = 0n;
  daemon.on('domainSetMemoryFlags', (args) => (hangs(args) ? hang : undefined));
  daemon.on('domainGetInfo', (args) => ({ ...info, cpuTime: hangs(args) ? 0n : cpuTime++ }));
  await client.open();
  const calls = [...hung].map((each) =>
    client.control
      .domain(each)
      .setMemoryFlags(1, 1, { timeout: 10_000 })
      .catch(() => 'no reply'),
  );
  const others = [client.control.domain(guest(30)), client.control.domain(guest(31))];
  for (const other of others) await passTime(clock, other.setMemoryFlags(1, 1));
  for (let round = 0; round < 5; round++) {
    await Promise.all(others.map((other) => other.setMemoryFlags(1, 1)));
  }
  await passTime(clock, Promise.all(calls));
  expect(await Promise.all(calls)).toEqual(calls.map(() => 'no reply'));
});

test('calls to one guest keep their order over the connections', async () => {
  let release = (): void => undefined;
  daemon.on(
    'domainSetMemoryFlags',
    () => new Promise((resolve) => (release = () => resolve(undefined))),
  );
  await client.open();
  const ended: number[] = [];
  const call = (n: number, size: number) =>
    client.control
      .domain(guest(n))
      .setMemoryFlags(size, 1)
      .then(() => ended.push(size));
  const calls = [call(0, 1), call(0, 2), call(0, 3)];
  for (let n = 1; n <= calls.length; n++) {
    await until(() => daemon.received('domainSetMemoryFlags').length === n);
    release();
    await until(() => ended.length === n);
  }
  expect(ended).toEqual([1, 2, 3]);
});

test('emits events to listeners until they are removed', async () => {
  const other: ClientEvent[] = [];
  const stop = client.listen((event) => other.push(event));
  await client.open();
  daemon.publish({ kind: 'balloon-change', dom, actual: 1 });
  const { size } = daemon.sockets;
  await until(() => seen.length === size);
  stop();
  daemon.publish({ kind: 'balloon-change', dom, actual: 2 });
  await until(() => seen.length === 2 * size);
  expect(other.length).toBe(size);
});

test('a listener that throws affects neither the others nor the connection', async () => {
  client.listen((event) => {
    throw new Error(event.kind);
  });
  const last: ClientEvent[] = [];
  client.listen((event) => last.push(event));
  await client.open();
  daemon.publish({ kind: 'balloon-change', dom, actual: 1 });
  await until(() => last.some(({ kind }) => kind === 'balloon-change'));
  expect(kinds()).toContain('problem');
  expect(await client.control.getHostname()).toBe('h');
});

test('calls fail at once while there is no connection', async () => {
  await expect(client.control.getHostname()).rejects.toThrow(UnreachableError);
});

test('rejects if the first attempt fails, and does not retry', async () => {
  await daemon.stop();
  await expect(client.open()).rejects.toThrow('start one');
  await daemon.listen();
  await clock.advance(Milliseconds(60_000));
  expect([client.isConnected, daemon.calls.length]).toEqual([false, 0]);
});

test('reconnects by itself, registers events again and emits reconnected', async () => {
  await client.open();
  daemon.drop();
  await until(() => kinds().includes('disconnected'));
  expect(client.isConnected).toBe(false);
  await clock.advance(Milliseconds(250));
  await until(() => client.isConnected);
  await until(() => seen.length === 2);
  expect(kinds()).toEqual(['disconnected', 'reconnected']);
  expect(registered()).toEqual(EVENTS.flatMap((id) => [id, id]));
  expect(await client.statistics.getHostname()).toBe('h');
});

test('reports why it cannot reconnect to a daemon that listens but refuses', async () => {
  await client.open();
  refusing(0, 8);
  daemon.drop();
  await until(() => kinds().includes('disconnected'));
  await clock.advance(Milliseconds(250));
  await until(() => kinds().includes('problem'));
  expect(client.isConnected).toBe(false);
});

test('waits longer after each failure, up to ten seconds', async () => {
  const delays: number[] = [];
  const timers: Timers = {
    now: () => clock.now(),
    after(delay, run) {
      delays.push(delay);
      return clock.after(Milliseconds(delay), run);
    },
  };
  const patient = new Client({ uri: daemon.uri, timers, random: () => 1 });
  await patient.open();
  await daemon.stop();
  await until(() => !patient.isConnected);
  delays.splice(0, delays.length - 1);
  for (let attempts = 1; attempts < 8; attempts++) {
    await clock.advance(Milliseconds(delays.at(-1) ?? 0));
    await until(() => delays.length > attempts);
  }
  patient.close();
  expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('waits longer after each connection that breaks within a second', async () => {
  const delays: number[] = [];
  const timers: Timers = {
    now: () => clock.now(),
    after(delay, run) {
      delays.push(delay);
      return clock.after(Milliseconds(delay), run);
    },
  };
  const patient = new Client({ uri: daemon.uri, timers, random: () => 1 });
  await patient.open();
  const breaks = async (): Promise<number | undefined> => {
    daemon.drop();
    await until(() => !patient.isConnected);
    const delay = delays.at(-1);
    await clock.advance(Milliseconds(delay ?? 0));
    await until(() => patient.isConnected);
    return delay;
  };
  expect([await breaks(), await breaks(), await breaks()]).toEqual([250, 500, 1000]);
  await clock.advance(Milliseconds(1000));
  expect(await breaks()).toBe(250);
  patient.close();
});

test('the loss of one connection ends both', async () => {
  await client.open();
  const [first] = daemon.sockets;
  first?.destroy();
  await until(() => kinds().includes('disconnected'));
  await until(() => daemon.sockets.size === 0);
  expect(kinds()).toEqual(['disconnected']);
});

test('a daemon that is lost while the client connects is not used', async () => {
  daemon.on('eventCallbackRegisterAny', ({ event }, socket) => {
    if (event === 26) socket.destroy();
    return event;
  });
  await expect(client.open()).rejects.toThrow(UnreachableError);
  expect(client.isConnected).toBe(false);
  await until(() => daemon.sockets.size === 0);
});

test('a closed client stays closed and emits nothing', async () => {
  await client.open();
  daemon.drop();
  await until(() => kinds().includes('disconnected'));
  client.close();
  await clock.advance(Milliseconds(60_000));
  expect([client.isConnected, kinds()]).toEqual([false, ['disconnected']]);
});

test('if it is closed while it opens, it does not connect', async () => {
  const opening = client.open();
  client.close();
  await expect(opening).rejects.toThrow(UnreachableError);
  expect(client.isConnected).toBe(false);
});

test('a URI of another machine is refused at once', () => {
  expect(() => new Client({ uri: 'qemu+ssh://there/system' })).toThrow(LibvirtError);
});

test('onCall runs after each call, successful or not', async () => {
  const ended: [string, number][] = [];
  client = new Client({
    uri: daemon.uri,
    timers: clock,
    onCall: (procedure, duration) => ended.push([procedure, duration]),
  });
  daemon.on('connectGetType', () => {
    throw new LibvirtError('no', { code: 1, domain: 1 });
  });
  await client.open();
  await client.control.getHostname();
  await expect(client.statistics.getType()).rejects.toThrow('no');
  expect(ended.map(([procedure]) => procedure)).toEqual(['connectGetHostname', 'connectGetType']);
  for (const [, duration] of ended) expect(duration).toBeGreaterThanOrEqual(0);
});
