import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nothing } from '../../src/libvirt/codec.ts';
import { connectDaemon } from '../../src/libvirt/connectDaemon.ts';
import type { Channel, ChannelOptions } from '../../src/libvirt/channel.ts';
import { DeadlineError, LibvirtError, UnreachableError } from '../../src/libvirt/error.ts';
import type { DomainEvent } from '../../src/libvirt/events.ts';
import { messageType, PACKET_MAX } from '../../src/libvirt/packet.ts';
import { procedures } from '../../src/libvirt/procedures.ts';
import { XdrError } from '../../src/libvirt/xdr.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { FakeLibvirtd, hang, Raw } from '../support/fakeLibvirtd.ts';
import { until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const dom = { name: '', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: -1 };
const info = { state: 1, maxMemory: 2048, memory: 1024, vcpus: 2, cpuTime: 2n ** 60n + 1n };

let daemon: FakeLibvirtd;
let connection: Channel;

const open = async (options: ChannelOptions = {}) => {
  connection = await connectDaemon({ name: 'test:///default', sockets: [daemon.path] }, options);
  return connection;
};

const getInfo = (options?: { timeout?: number; signal?: AbortSignal }) =>
  connection.call(procedures.domainGetInfo, { dom }, options);

beforeEach(async () => {
  daemon = await FakeLibvirtd.start();
  daemon.on('domainGetInfo', () => info);
  daemon.on('connectGetHostname', () => 'höst');
});

afterEach(async () => {
  connection.close();
  await daemon.remove();
});

describe('calls', () => {
  test('resolve with their result, 64 bits exact', async () => {
    await open();
    expect(await getInfo()).toEqual(info);
  });

  test('resolve however the daemon’s bytes are split', async () => {
    daemon.pieceSize = 3;
    await open();
    expect(await Promise.all([getInfo(), getInfo(), getInfo()])).toEqual([info, info, info]);
  });

  test('get their own replies in any order', async () => {
    const answer: (() => void)[] = [];
    daemon.on(
      'domainLookupByName',
      (name) => new Promise((resolve) => answer.push(() => resolve({ ...dom, name }))),
    );
    await open();
    const names = ['a', 'b', 'c'];
    const answers = Promise.all(
      names.map((name) => connection.call(procedures.domainLookupByName, name)),
    );
    await until(() => answer.length === 3);
    for (const each of answer.reverse()) each();
    expect((await answers).map(({ name }) => name)).toEqual(names);
  });

  test('get their own errors, with fifty calls at a time', async () => {
    daemon.on('domainLookupByName', (name) => {
      throw new LibvirtError(`no ${name}`, { code: 42, domain: 10 });
    });
    await open();
    const failed = Array.from({ length: 50 }, (_, i) =>
      connection.call(procedures.domainLookupByName, `vm${i}`).catch((error: unknown) => error),
    );
    for (const [i, error] of (await Promise.all(failed)).entries()) {
      expect(error).toBeInstanceOf(LibvirtError);
      expect(error).toMatchObject({ code: 42, domain: 10, level: 2, message: `no vm${i}` });
    }
  });

  test('are at most four at a time', async () => {
    daemon.on('connectGetHostname', () => hang);
    await open();
    const calls = Array.from({ length: 6 }, () =>
      connection.call(procedures.connectGetHostname, undefined),
    );
    await until(() => daemon.received('connectGetHostname').length === 4);
    daemon.ping();
    await until(() => daemon.pongs === 1);
    expect(daemon.received('connectGetHostname')).toHaveLength(4);
    connection.close();
    const ended = await Promise.allSettled(calls);
    expect(ended.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
  });

  test('that cannot be encoded fail alone', async () => {
    await open();
    await expect(connection.call(procedures.domainLookupByName, 'a\0b')).rejects.toThrow(XdrError);
    expect(await getInfo()).toEqual(info);
  });

  test.each([
    ['ends too early', new Raw(Buffer.alloc(8))],
    ['has bytes left over', new Raw(Buffer.alloc(64))],
    ['is one to another procedure', new Raw(Buffer.alloc(32), { procedure: 15 })],
    ['is of another version', new Raw(Buffer.alloc(32), { version: 2 })],
    ['has an unknown status', new Raw(Buffer.alloc(32), { status: 2 })],
  ])('whose reply %s fail alone', async (_, reply) => {
    daemon.on('domainGetInfo', () => reply);
    await open();
    await expect(getInfo()).rejects.toMatchObject({
      code: 39,
      message: expect.stringContaining('domainGetInfo'),
    });
    expect(await connection.call(procedures.connectGetHostname, undefined)).toBe('höst');
  });
});

test('a reply of another procedure fails the call alone', async () => {
  daemon.on('domainSuspend', () => hang);
  await open();
  const call = connection.call(procedures.domainSuspend, { dom });
  await until(() => daemon.received('domainSuspend').length === 1);
  const { number: procedure } = procedures.domainResume;
  // after those of the handshake
  for (const serial of [4, 5]) {
    daemon.message(procedure, nothing, undefined, { type: messageType.reply, serial });
  }
  await expect(call).rejects.toMatchObject({ code: 39 });
  expect(await getInfo()).toEqual(info);
});

describe('a deadline', () => {
  test('ends the call, and a late reply reaches no other call', async () => {
    const clock = new VirtualClock();
    let reply = (): void => undefined;
    daemon.on('domainGetInfo', () => new Promise((resolve) => (reply = () => resolve(info))));
    await open({ timers: clock, timeout: 500 });
    const call = getInfo();
    await until(() => daemon.received('domainGetInfo').length === 1);
    const failed = expect(call).rejects.toThrow(DeadlineError);
    await clock.advance(Milliseconds(500));
    await failed;
    reply();
    expect(await connection.call(procedures.connectGetHostname, undefined)).toBe('höst');
  });

  test('of all four calls in flight closes the connection, unless all are to guests', async () => {
    const clock = new VirtualClock();
    daemon.on('connectGetHostname', () => hang);
    daemon.on('domainSuspend', () => hang);
    await open({ timers: clock, timeout: 500 });
    const calls = [
      ...['a', 'b', 'c'].map((uuid) =>
        connection.call(procedures.domainSuspend, {
          dom: { ...dom, uuid: uuid + dom.uuid.slice(1) },
        }),
      ),
      connection.call(procedures.connectGetHostname, undefined),
    ].map((call) => call.catch((error: unknown) => error));
    await until(() => daemon.calls.filter(({ name }) => /Suspend|Host/.test(name)).length === 4);
    await clock.advance(Milliseconds(500));
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(DeadlineError);
    expect(connection.isOpen).toBe(false);
  });

  test('fails a waiting call without sending it', async () => {
    const clock = new VirtualClock();
    daemon.on('domainMemoryStats', () => hang);
    await open({ timers: clock });
    const args = { dom, maxStats: 1, flags: 0 };
    const ask = () => connection.call(procedures.domainMemoryStats, args, { timeout: 100 });
    const both = Promise.allSettled([ask(), ask()]);
    await clock.advance(Milliseconds(100));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await connection.call(procedures.connectGetHostname, undefined)).toBe('höst');
    expect(daemon.received('domainMemoryStats')).toHaveLength(1);
  });
});

describe('a signal', () => {
  test('ends the call with its reason', async () => {
    daemon.on('domainGetInfo', () => hang);
    await open();
    const controller = new AbortController();
    const call = getInfo({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  test('that is aborted already prevents sending', async () => {
    await open();
    await expect(getInfo({ signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
    expect(daemon.received('domainGetInfo')).toEqual([]);
  });
});

describe('the end of a connection', () => {
  test('fails every call, including waiting ones, and is reported once', async () => {
    const reasons: UnreachableError[] = [];
    daemon.on('domainGetInfo', () => hang);
    await open({ onClose: (reason) => reasons.push(reason) });
    const calls = Array.from({ length: 6 }, () => getInfo());
    await until(() => daemon.received('domainGetInfo').length === 4);
    daemon.drop();
    for (const ended of await Promise.allSettled(calls)) {
      expect(ended).toMatchObject({ status: 'rejected', reason: { name: 'UnreachableError' } });
    }
    await expect(getInfo()).rejects.toThrow(UnreachableError);
    expect(reasons).toHaveLength(1);
    expect(connection.isOpen).toBe(false);
  });

  test.each([
    ['an oversized packet', PACKET_MAX + 1],
    ['a packet of no length', 0],
  ])('follows %s', async (_, length) => {
    await open();
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(length);
    const call = getInfo();
    daemon.broadcast(bytes);
    daemon.on('domainGetInfo', () => hang);
    await call.catch(() => undefined);
    await until(() => !connection.isOpen);
    await expect(getInfo()).rejects.toThrow('violated its protocol');
  });

  test('is announced to the daemon, which then closes', async () => {
    await open();
    connection.close();
    connection.close();
    await until(() => daemon.sockets.size === 0);
    expect(daemon.received('connectClose')).toHaveLength(1);
  });
});

describe('keepalive', () => {
  test('replies to the daemon at once', async () => {
    await open();
    daemon.ping();
    await until(() => daemon.pongs === 1);
    expect(daemon.pongs).toBe(1);
  });

  test('closes the connection to a hung daemon', async () => {
    const clock = new VirtualClock();
    const reasons: Error[] = [];
    const keepAlive = { interval: 2000, count: 2 };
    await open({ timers: clock, keepAlive, onClose: (reason) => reasons.push(reason) });
    daemon.isAlive = false;
    await clock.advance(Milliseconds(6000));
    expect(reasons).toMatchObject([{ message: expect.stringContaining('hangs') }]);
  });

  test('sends nothing to a daemon that does not support it', async () => {
    const clock = new VirtualClock();
    daemon.on('connectSupportsFeature', () => 0);
    await open({ timers: clock });
    await clock.advance(Milliseconds(60_000));
    expect(await getInfo()).toEqual(info);
    expect(daemon.pings).toBe(0);
  });
});

describe('messages', () => {
  test('become events, in order', async () => {
    const seen: DomainEvent[] = [];
    await open({ onEvent: (event) => seen.push(event) });
    const sent: DomainEvent[] = [1, 2, 3].map((actual) => ({
      kind: 'balloon-change',
      dom,
      actual,
    }));
    for (const event of sent) daemon.publish(event);
    await until(() => seen.length === 3);
    expect(seen).toEqual(sent);
  });

  test('that are garbage, or of an unknown kind, program or type, are ignored', async () => {
    const problems: unknown[] = [];
    await open({ onProblem: (problem) => problems.push(problem) });
    daemon.message(318, nothing, undefined);
    daemon.message(9999, nothing, undefined);
    daemon.message(318, nothing, undefined, { program: 0x2000_8087 });
    daemon.message(318, nothing, undefined, { type: 3 });
    daemon.message(16, nothing, undefined, { type: 1, serial: 4711 });
    expect(await getInfo()).toEqual(info);
    expect(problems).toEqual([expect.any(XdrError)]);
  });
});
