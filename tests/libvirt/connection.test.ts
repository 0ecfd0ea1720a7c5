import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  codec,
  Connection,
  errorCode,
  LibvirtError,
  protocol,
  UnreachableError,
  type DomainEvent,
  type Procedure,
} from '../../src/libvirt/index.ts';
import { FakeLibvirtd } from '../support/fakeLibvirtd.ts';
import { until } from '../support/until.ts';

const dom = { name: 'a', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };

let daemon: FakeLibvirtd;
let connection: Connection;

beforeEach(async () => {
  daemon = await FakeLibvirtd.start();
  daemon.on('eventCallbackDeregisterAny', () => undefined);
  connection = await Connection.open(daemon.uri);
});

afterEach(async () => {
  connection.close();
  await daemon.remove();
});

test('domains that are listed or looked up can be called', async () => {
  daemon.on('connectListAllDomains', () => ({ domains: [dom], count: 1 }));
  daemon.on('domainLookupByName', () => dom);
  daemon.on('domainGetXmlDesc', ({ flags }) => `<domain flags='${String(flags)}'/>`);
  const [listed] = await connection.listAllDomains();
  expect(await listed?.getXMLDesc()).toBe("<domain flags='0'/>");
  const found = await connection.domainLookupByName('a');
  expect(found).toMatchObject(dom);
  expect(await found.getXMLDesc(2)).toBe("<domain flags='2'/>");
  expect(daemon.received('domainGetXmlDesc')).toEqual([
    { dom, flags: 0 },
    { dom, flags: 2 },
  ]);
});

test('each listener gets the events of its registration until it is removed', async () => {
  const seen: DomainEvent[] = [];
  const resized = { kind: 'balloon-change', dom, actual: 512 } as const;
  const started = { kind: 'lifecycle', dom, event: 2, detail: 0 } as const;
  const id = await connection.domainEventRegisterAny(undefined, 'lifecycle', (e) => seen.push(e));
  await connection.domainEventRegisterAny(dom, 'balloon-change', ({ actual }) => {
    seen.push({ ...resized, actual });
  });
  expect(daemon.received('eventCallbackRegisterAny').map((args) => args.dom)).toEqual([
    undefined,
    dom,
  ]);
  daemon.publish(started);
  daemon.publish(resized);
  await until(() => seen.length === 2);
  await connection.domainEventDeregisterAny(id);
  expect(daemon.received('eventCallbackDeregisterAny')).toEqual([id]);
  daemon.publish(started);
  daemon.publish(resized);
  await until(() => seen.length === 3);
  expect(seen).toEqual([started, resized, resized]);
});

test('an event that comes with the reply to its registration is not lost', async () => {
  daemon.on('eventCallbackRegisterAny', ({ event }) => {
    setImmediate(() => daemon.publish({ kind: 'reboot', dom }));
    return event;
  });
  const seen: DomainEvent[] = [];
  await connection.domainEventRegisterAny(undefined, 'reboot', (event) => seen.push(event));
  await until(() => seen.length === 1);
});

test('a procedure that is in no table is called by its number and codecs', async () => {
  const getHostname: Procedure<undefined, string> = {
    name: 'connectGetHostname',
    number: 59,
    args: codec.nothing,
    result: codec.text,
  };
  daemon.on('connectGetHostname', () => 'host.example');
  expect(await connection.call(getHostname, undefined)).toBe('host.example');
  expect(codec.record({ dom: protocol.domain })).toBeDefined();
});

test('errors have libvirt’s code and domain', async () => {
  daemon.on('domainLookupByUuid', () => {
    throw new LibvirtError('Domain not found', { code: 42, domain: 12 });
  });
  const failed = connection.domainLookupByUUID(dom.uuid);
  await expect(failed).rejects.toMatchObject({ code: errorCode.noDomain, domain: 12, level: 2 });
});

test('a lost connection is reported once and does not come back', async () => {
  const reasons: unknown[] = [];
  const never = () => reasons.push('unregistered');
  connection.registerCloseCallback((reason) => reasons.push(reason));
  connection.registerCloseCallback(never);
  connection.unregisterCloseCallback(never);
  expect(connection.isAlive()).toBe(true);
  daemon.drop();
  await until(() => reasons.length > 0);
  expect(reasons).toEqual([expect.any(UnreachableError)]);
  expect(connection.isAlive()).toBe(false);
  await expect(connection.getHostname()).rejects.toBeInstanceOf(UnreachableError);
});
