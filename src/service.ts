import type { Logger } from 'pino';
import { version } from './version.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { connect } from './host/connect.ts';
import type { HostNode, Hypervisor } from './host/hypervisor.ts';
import { HostReport } from './host/report/report.ts';
import { openRpc } from './openrpc.ts';
import { createDispatch } from './rpc/dispatch.ts';
import { EventBus } from './rpc/events.ts';
import { createGate } from './rpc/gate.ts';
import { createHttp, plain } from './rpc/http.ts';
import { type Endpoint, openPort, type Port } from './rpc/port.ts';
import type { Tls } from './rpc/tls.ts';
import { offerTls } from './rpc/tls/offer.ts';
import { WebSocketEndpoint } from './rpc/websocket.ts';
import { Milliseconds, toMilliseconds } from './units.ts';
import { loadVerbs } from './verbs.ts';
import type { BuildSettings } from './vm/create.ts';
import { wireEvent } from './vm/events.ts';
import { Registry } from './vm/registry.ts';
import { startSampling } from './vm/sampler.ts';

/** A running vmemd. */
export interface Service {
  /** Where it listens: `127.0.0.1:54321`, `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** What it manages: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
  /** When the certificate that is shown to clients ends; undefined without TLS. */
  certificateExpiry(): Date | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Answers what is running, then lets go of everything; every VM runs on. */
  stop(): Promise<void>;
}

/** How long requests that run may take when the service is to stop. */
const STOP_DEADLINE = Milliseconds(5000);

/** Connects to the hypervisor, rebuilds what is known of its VMs, and opens the port; throws where one of these fails. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const hypervisor = await connect(config.libvirt.uri, systemClock, log);
  const events = new EventBus();
  const vms = await rebuild(hypervisor, events, config, log);
  const stopSampling = startSampling({
    vms,
    clock: systemClock,
    interval: toMilliseconds(config.sampling.interval),
    log,
  });
  const stopping = new AbortController();
  const letGo = async (): Promise<void> => {
    stopping.abort();
    stopSampling();
    vms.stop();
    await hypervisor.close();
  };
  try {
    const served = await serve({ vms, hypervisor, events, config, log, stopping });
    const { port, tls } = served;
    return {
      addresses: port.endpoints.map(address),
      connection: hypervisor.description,
      certificateExpiry: () => tls?.certificateExpiry(),
      reload: async () => tls?.reload(),
      async stop() {
        await served.close();
        await letGo();
      },
    };
  } catch (error) {
    await letGo();
    throw error;
  }
}

async function rebuild(
  hypervisor: Hypervisor,
  events: EventBus,
  config: Config,
  log: Logger,
): Promise<Registry> {
  const timeout = toMilliseconds(config.vars.vm_command_timeout);
  const vms = new Registry({
    hypervisor,
    clock: systemClock,
    log,
    timeout,
    maxVms: config.vars.max_vms,
    build: buildSettings(config, await hypervisor.node()),
    announce(vm, news) {
      const { method, params } = wireEvent(vm, news, timeout);
      events.publish(method, params);
    },
  });
  await vms.start();
  return vms;
}

function buildSettings({ memory }: Config, { arch, capabilitiesXml }: HostNode): BuildSettings {
  const can = (type: string): boolean => capabilitiesXml.includes(`<domain type='${type}'`);
  return {
    statsPeriod: memory.mem_stats_period_seconds,
    autodeflate: memory.autodeflate,
    freePageReporting: memory.free_page_reporting,
    arch,
    domainType:
      can('test') ? 'test'
      : can('qemu') && !can('kvm') ? 'qemu'
      : 'kvm',
  };
}

interface Served {
  readonly vms: Registry;
  readonly hypervisor: Hypervisor;
  readonly events: EventBus;
  readonly config: Config;
  readonly log: Logger;
  readonly stopping: AbortController;
}

async function serve({ vms, hypervisor, events, config, log, stopping }: Served) {
  const verbs = await loadVerbs();
  const contracts = new Map([...verbs].map(([name, { contract }]) => [name, contract]));
  const { rpc, devel } = config;
  const websocket = new WebSocketEndpoint({
    dispatch: createDispatch({
      verbs,
      services: {
        vms,
        host: new HostReport(hypervisor),
        openrpc: openRpc(contracts, version()),
        rootLog: log,
      },
      signal: stopping.signal,
      log,
      strict: devel.api_strict_mode,
      maxBatch: rpc.max_batch,
      maxOutstanding: rpc.max_outstanding,
    }),
    events,
    log,
    clock: systemClock,
    maxMessage: rpc.max_message_bytes,
    maxUnread: rpc.max_unread_bytes,
  });
  const http = createHttp({
    gate: createGate({ hosts: rpc.allowed_hosts, origins: rpc.allowed_origins }),
    log,
    pages: { '/healthz': () => health(hypervisor) },
    upgrade: (request, socket, head) => {
      websocket.upgrade(request, socket, head);
    },
  });
  const { port, tls } = await listen(http, config, log);
  return { port, tls, close: () => closePort(port, tls, http, websocket) };
}

async function listen(
  http: ReturnType<typeof createHttp>,
  { addresses: { management_ip: addresses, management_port: port }, vars }: Config,
  log: Logger,
): Promise<{ readonly port: Port; readonly tls: Tls | undefined }> {
  const of = { log, clock: systemClock };
  const tls = await offerTls({
    ...of,
    ssl: vars.ssl,
    addresses,
    folder: vars.pki_path,
    verifyClient: vars.verify_client_cert,
  });
  try {
    const opened = await openPort({
      ...of,
      endpoints: addresses.map((host) => ({ host, port })),
      http: (socket) => http.emit('connection', socket),
      tls,
      // where TLS is off, the configuration was asked whether others may come in
      ...(vars.ssl ? {} : { allowsPlain: () => true }),
    });
    return { port: opened, tls };
  } catch (error) {
    tls?.close();
    throw error;
  }
}

const health = ({ isConnected, description }: Hypervisor) =>
  isConnected ? plain(200, `serving ${description}`) : plain(503, `${description} is out of reach`);

async function closePort(
  port: Port,
  tls: Tls | undefined,
  http: ReturnType<typeof createHttp>,
  websocket: WebSocketEndpoint,
): Promise<void> {
  port.close();
  tls?.close();
  await websocket.close(STOP_DEADLINE);
  http.closeAllConnections();
}

const address = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
