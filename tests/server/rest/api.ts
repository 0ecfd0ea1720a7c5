import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { VdsmError } from '../../../src/common/errors.ts';
import { createOriginPolicy } from '../../../src/server/http/originPolicy.ts';
import { createHttp } from '../../../src/server/http/http.ts';
import { Responses } from '../../../src/server/http/responses.ts';
import { Rest } from '../../../src/server/rest/rest.ts';
import { asAdmin } from '../../support/access.ts';
import { recorder } from '../../support/call.ts';
import { createRpc, type Handle, table, type RpcOptions } from '../../support/server.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

export const vmId = '00000000-0000-4000-8000-000000000001';
export const downId = '00000000-0000-4000-8000-00000000000d';
export const MiB = 1024 * 1024;

const up = {
  vmId,
  vmName: 'a<b> & "c"',
  status: 'Up',
  statusTime: '1',
  balloonInfo: {
    balloon_max: String(1792 * 1024),
    balloon_min: String(1024 * 1024),
    balloon_target: String(1792 * 1024),
    balloon_cur: String(1792 * 1024),
    ballooning_enabled: true,
  },
};
const down = { vmId: downId, status: 'Down', statusTime: '1', exitCode: 0 };

export const overviews = [
  {
    id: vmId,
    name: up.vmName,
    status: 'Up',
    maximum_kib: 1792 * 1024,
    guaranteed_kib: 1024 * 1024,
    warnings: [],
    jobs: [],
  },
  {
    id: downId,
    name: 'gone',
    status: 'Down',
    maximum_kib: 1024 * 1024,
    guaranteed_kib: 512 * 1024,
    ballooning_disabled_because: 'the VM has no balloon',
    warnings: [],
    jobs: [],
  },
] as const;

const xmlOf = (id: string, name: string): string =>
  `<domain type='kvm'><name>${name}</name><uuid>${id}</uuid><memory>1835008</memory>
  <maxMemory slots='16' unit='KiB'>4194304</maxMemory><devices/></domain>`;

const xmls = new Map([
  [vmId, xmlOf(vmId, 'a&lt;b&gt; &amp; "c"')],
  [downId, xmlOf(downId, 'gone')],
]);

const devices = [
  {
    model: 'dimm',
    alias: 'dimm0',
    size_mib: 256,
    node: 0,
    slot: 0,
    base: '0x100000000',
    state: 'guest-online',
  },
  {
    model: 'dimm',
    alias: 'dimm1',
    size_mib: 128,
    node: 1,
    slot: 1,
    state: 'refused',
    job_id: 'j/1',
    message: 'the guest kept it',
  },
];

const known = (id: unknown): string => {
  if (id === vmId || id === downId) return id;
  throw new VdsmError('NoSuchVM', `no VM has the id ${String(id)}`);
};

type Params = Readonly<Record<string, unknown>>;

/** Verbs of a host with a VM that is up and one that is down. */
export const verbs: Readonly<Record<string, Handle>> = {
  'rpc.discover': () => ({ info: { title: 'vmemd', version: '1.2.3' } }),
  'Host.getAllVmStats': () => [up, down],
  'Host.getOverview': () => ({ vms: overviews }),
  'Host.dumpxmls': (params) => {
    const { vmList } = params as { vmList: readonly string[] };
    return Object.fromEntries(vmList.map((id) => [known(id), xmls.get(id)]));
  },
  'VM.getStats': (params) => [known((params as Params)['vmID']) === vmId ? up : down],
  'VM.getBalloonInfo': (params) =>
    known((params as Params)['vmID']) === vmId ?
      { ...up.balloonInfo, guaranteed_kib: 1024 * 1024 }
    : {
        balloon_max: '1048576',
        balloon_min: '524288',
        guaranteed_kib: 524_288,
        ballooning_enabled: false,
      },
  'VM.getNextRun': () => ({}),
  'VM.getMemoryUsage': () => ({
    freshness: { state: 'fresh', age_s: 1 },
    memory_kib: 1024,
    guaranteed_kib: 512,
    used_kib: 700,
  }),
  'VM.getMemoryDevices': (params) => (known((params as Params)['vmID']) === vmId ? devices : []),
  'VM.getMemoryJob': (params) => {
    if ((params as Params)['jobID'] === 'j/1') return job('failed');
    throw new VdsmError('InvalidParameter', 'there is no such job');
  },
  'VM.setGuaranteedMemory': () => ({ code: 0, message: 'Done', guaranteed_mib: 900 }),
};

/** A job that unplugs 256 MiB. */
export const job = (state: string) => ({
  job_id: 'j/1',
  action: 'set-memory',
  state,
  flow_id: 'flow-1',
  started: '2026-01-02T03:04:05.000Z',
  ...(state === 'running' ? {} : { ended: '2026-01-02T03:04:15.000Z' }),
  requested_mib: 1400,
  guaranteed_mib: 900,
  changes: [
    {
      action: 'unplug',
      alias: 'dimm0',
      size_mib: 256,
      state: 'refused',
      attempts: 2,
      message: 'kept',
    },
  ],
});

/** The result of VM.setMemory for the seed's example. */
export const setMemoryAnswer = (state?: string) => ({
  memory_mib: 1792,
  guaranteed_mib: 1024,
  requested_mib: 1400,
  expected_mib: 1408,
  plan: [{ action: 'unplug', alias: 'dimm0', size_mib: 256 }],
  next_run: 'updated',
  warnings: ['8 MiB more than was asked for remain'],
  ...(state === undefined ? {} : { job: job(state) }),
});

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Opens the REST API with these verbs and those above on a free loopback port. */
export async function openApi(
  methods: Readonly<Record<string, Handle>> = {},
  options: RpcOptions = {},
) {
  const clock = new VirtualClock();
  const { log, lines } = recorder();
  const calls: { method: string; params: object; flowId: string }[] = [];
  const spied = Object.entries({ ...verbs, ...methods }).map(([method, handle]) => {
    const spy: Handle = (params, context) => {
      calls.push({ method, params, flowId: context.flowId });
      return handle(params, context);
    };
    return [method, spy] as const;
  });
  const { call } = createRpc(table(Object.fromEntries(spied)), { log, clock, ...options });
  const originPolicy = createOriginPolicy({ origins: ['https://console.example'] });
  const responses = new Responses(clock);
  const rest = new Rest({ call, originPolicy, responses, log, clock });
  const http = createHttp({
    originPolicy,
    log,
    clock,
    responses,
    grantOf: () => asAdmin,
    pages: {},
    api: rest,
    upgrade: (_, { socket }) => socket.end(),
  });
  const server = createServer((socket) => http.emit('connection', socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const send = (method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  return {
    clock,
    rest,
    responses,
    lines,
    calls,
    port,
    send,
    get: (path: string, headers: Sent['headers'] = {}) => send('GET', path, { headers }),
    put: (path: string, body: string | Buffer, headers: Sent['headers'] = {}) =>
      send('PUT', path, { body, headers: { 'content-type': 'application/xml', ...headers } }),
    /** Sends these bytes; returns all that is received until the connection ends. */
    async exchange(bytes: string): Promise<string> {
      const socket = connect(port, '127.0.0.1');
      socket.write(bytes);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    },
    params: (method: string) => calls.find((call) => call.method === method)?.params,
    close() {
      server.close();
      http.closeAllConnections();
    },
  };
}

export type TestApi = Awaited<ReturnType<typeof openApi>>;

/** The seed's example. */
export const SEED =
  '<vm><memory>1468006400</memory><!-- 1400 MiB --><memory_policy><guaranteed>943718400</guaranteed></memory_policy></vm>';
