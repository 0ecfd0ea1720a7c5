import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  type ClientRequest,
  type ClientRequestArgs,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { AccessClass } from '../../src/access/accessClass.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { createCall } from '../../src/jsonrpc/call.ts';
import { createDispatch } from '../../src/jsonrpc/dispatch.ts';
import type { Server } from '../../src/server/server.ts';
import { openAccess } from '../support/access.ts';
import { silent } from '../support/call.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';
import { makePki, type Pki } from '../support/pki.ts';

/** What each verb needs, as an administrator reads it. */
const NEEDS: Readonly<Record<AccessClass, readonly string[]>> = {
  read: [
    'Events.subscribe',
    'Events.unsubscribe',
    'Host.confirmConnectivity',
    'Host.dumpxmls',
    'Host.echo',
    'Host.explainPolicy',
    'Host.getAllMeters',
    'Host.getAllVmIoTunePolicies',
    'Host.getAllVmStats',
    'Host.getAuditTrail',
    'Host.getCapabilities',
    'Host.getHardwareInfo',
    'Host.getMemoryHeadroom',
    'Host.getMemoryHistory',
    'Host.getOverview',
    'Host.getReservations',
    'Host.getStats',
    'Host.getVMFullList',
    'Host.getVMList',
    'Host.ping',
    'Host.ping2',
    'VM.getAuditTrail',
    'VM.getBalloonInfo',
    'VM.getInfo',
    'VM.getMemoryDevices',
    'VM.getMemoryHistory',
    'VM.getMemoryJob',
    'VM.getMemoryUsage',
    'VM.getMeters',
    'VM.getNextRun',
    'VM.getStats',
    'rpc.discover',
  ],
  operate: [
    'Host.releaseMemory',
    'Host.reserveMemory',
    'VM.cont',
    'VM.create',
    'VM.destroy',
    'VM.hotplugMemory',
    'VM.hotunplugMemory',
    'VM.pause',
    'VM.reset',
    'VM.setBalloonTarget',
    'VM.setCpuTunePeriod',
    'VM.setCpuTuneQuota',
    'VM.setGuaranteedMemory',
    'VM.setMemory',
    'VM.setMemoryStatsPeriod',
    'VM.setNextRun',
    'VM.shutdown',
    'VM.updateVmPolicy',
  ],
  admin: [
    'Host.setKsmTune',
    'Host.setLogLevel',
    'Host.setMOMPolicy',
    'Host.setMOMPolicyParameters',
    'Host.setPolicy',
  ],
};
const CLASSES = ['read', 'operate', 'admin'] as const;
const METHODS = CLASSES.flatMap((each) => NEEDS[each]);
const DENIED = -32_001;
/** Allowed, as no verb can run yet. */
const RECOVERING = 99;

const expected = (granted: AccessClass): Readonly<Record<string, number>> => {
  const allowed = CLASSES.slice(0, CLASSES.indexOf(granted) + 1).flatMap((each) => NEEDS[each]);
  return Object.fromEntries(
    METHODS.map((name) => [name, allowed.includes(name) ? RECOVERING : DENIED]),
  );
};

/** Three ways to the port. */
interface Door {
  readonly dial: () => Socket;
  readonly webSocket: (protocols: readonly string[]) => WebSocket;
  readonly request: (options: ClientRequestArgs) => ClientRequest;
}

let folder: string;
let pki: Pki;
const servers: Server[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-doors-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

/** Opens a server that grants a class at every door. */
async function open(access: AccessClass, pkiPath = '/nonexistent') {
  const verbs = await loadVerbs();
  const call = createCall({
    verbs,
    services: {} as never,
    signal: new AbortController().signal,
    log: silent,
    obstacle: () => 'the VMs are being read',
  });
  const unix = join(folder, `${String(servers.length)}.sock`);
  const server = await openTestServer({
    call,
    dispatch: createDispatch(call, {}),
    pkiPath,
    access: { ...openAccess, certificate: access, unnamed: access, unixSocket: access },
    unixSocket: { path: unix, group: '', isOptional: false },
    maxMessage: 65_536,
    maxFrame: 65_536,
    maxUnread: 1_048_576,
  });
  servers.push(server);
  return { port: server.endpoints[0]?.port ?? 0, unix };
}

type Opened = Awaited<ReturnType<typeof open>>;

const DOORS: Readonly<Record<string, (opened: Opened) => Door>> = {
  plain: ({ port }) => ({
    dial: () => connect(port, '127.0.0.1'),
    webSocket: (protocols) => new WebSocket(`ws://127.0.0.1:${String(port)}/`, [...protocols]),
    request: (options) => httpRequest({ ...options, port, host: '127.0.0.1' }),
  }),
  TLS: ({ port }) => ({
    dial: () => connectTls({ ...pki.client, port, host: 'localhost' }),
    webSocket: (protocols) =>
      new WebSocket(`wss://localhost:${String(port)}/`, [...protocols], pki.client),
    request: (options) => httpsRequest({ ...pki.client, ...options, port }),
  }),
  'unix socket': ({ unix }) => ({
    dial: () => connect(unix),
    webSocket: (protocols) => new WebSocket(`ws+unix:${unix}:/`, [...protocols]),
    request: (options) => httpRequest({ ...options, socketPath: unix }),
  }),
};

const batch = JSON.stringify(METHODS.map((method) => ({ jsonrpc: '2.0', id: method, method })));
const FRAMES =
  'CONNECT\naccept-version:1.2\n\n\0' +
  'SUBSCRIBE\nid:1\ndestination:jms.topic.vdsm_responses\n\n\0' +
  `SEND\ndestination:jms.topic.vdsm_requests\n\n${batch}\0`;

/** Returns the code of each reply in a text that ends with a batch. */
function codes(text: string): Readonly<Record<string, number>> {
  const from = text.indexOf('[{');
  const replies = JSON.parse(text.slice(from, text.lastIndexOf(']') + 1)) as readonly {
    readonly id: string;
    readonly error: { readonly code: number };
  }[];
  return Object.fromEntries(replies.map(({ id, error }) => [id, error.code]));
}

async function overWebSocket(door: Door): Promise<object> {
  const ws = door.webSocket([]);
  await once(ws, 'open');
  ws.send(batch);
  const [reply] = (await once(ws, 'message')) as [Buffer];
  ws.terminate();
  return codes(reply.toString());
}

async function overStomp(door: Door): Promise<object> {
  const socket = door.dial();
  socket.write(FRAMES);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith(']\0')) break;
  }
  socket.destroy();
  return codes(text);
}

async function overStompInWebSocket(door: Door): Promise<object> {
  const ws = door.webSocket(['v12.stomp']);
  let text = '';
  const done = new Promise<void>((resolve) => {
    ws.on('message', (data: Buffer) => {
      text += data.toString();
      if (text.endsWith(']\0')) resolve();
    });
  });
  await once(ws, 'open');
  ws.send(FRAMES);
  await done;
  ws.terminate();
  return codes(text);
}

const VM = '/api/vms/b3f6fa00-b315-4ad4-8108-f73da817b5c5';

/** Requests of REST, by the class of the verb behind them. */
const RESOURCES = [
  { needed: 'read', method: 'GET', path: '/api/vms', body: '' },
  { needed: 'operate', method: 'POST', path: `${VM}/reset`, body: '<action/>' },
  { needed: 'operate', method: 'POST', path: `${VM}/stop`, body: '<action/>' },
] as const;

const overRest = (door: Door): Promise<readonly (number | undefined)[]> =>
  Promise.all(
    RESOURCES.map(async ({ method, path, body }) => {
      const headers = { host: 'localhost', 'content-type': 'application/xml' };
      const sent = door.request({ method, path, headers, agent: false }).end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    }),
  );

function table(door: string, pkiPath: () => string | undefined): void {
  test.each(CLASSES)(
    `at the door ${door}, the class %s may call its verbs and no others`,
    async (access) => {
      const at = DOORS[door]?.(await open(access, pkiPath()));
      if (!at) throw new Error('no such door');
      expect(await overWebSocket(at)).toEqual(expected(access));
      expect(await overStomp(at)).toEqual(expected(access));
      expect(await overStompInWebSocket(at)).toEqual(expected(access));
      expect(await overRest(at)).toEqual(
        RESOURCES.map(({ needed }) =>
          CLASSES.indexOf(access) >= CLASSES.indexOf(needed) ? 503 : 403,
        ),
      );
    },
  );
}

test('the table names every verb', async () => {
  expect(METHODS.toSorted()).toEqual([...(await loadVerbs()).keys()].toSorted());
});

table('plain', () => undefined);
table('unix socket', () => undefined);

needs('openssl')('with certificates', () => {
  beforeAll(async () => {
    pki = await makePki();
  });
  afterAll(() => {
    pki.remove();
  });
  table('TLS', () => pki.folder);
});
