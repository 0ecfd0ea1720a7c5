import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import type { Config } from '../config/config.ts';
import { connect } from './connect.ts';
import type { HostNode, Hypervisor } from '../host/hypervisor.ts';
import { HostReport } from '../host/report/report.ts';
import { openRpc } from '../api/openrpc.ts';
import { isOpen } from '../memory/jobs.ts';
import type { Mom } from '../policy/mom.ts';
import { openMom } from '../policy/openMom.ts';
import { createDispatch, type Dispatch } from '../jsonrpc/dispatch.ts';
import { EventBus } from '../jsonrpc/eventBus.ts';
import { type Front, openFront } from '../server/server.ts';
import { plain } from '../server/http/http.ts';
import type { Endpoint } from '../server/port/port.ts';
import { Milliseconds, toMilliseconds } from '../common/units.ts';
import { watchEventLoop } from '../telemetry/eventLoop.ts';
import { createMeters, isDeviceOutcome, type Meters } from '../telemetry/meters.ts';
import { MEDIA_TYPE, metrics } from '../telemetry/metrics.ts';
import { loadVerbs } from '../api/loadVerbs.ts';
import { version } from '../common/version.ts';
import type { BuildSettings } from '../vm/registry/creation.ts';
import { wireEvent } from '../vm/report/wireEvents.ts';
import { Registry } from '../vm/registry/registry.ts';
import { startSampling } from '../vm/registry/sampler.ts';

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

/** How soon VMs that could not be read are tried again, as by VDSM (clientIF.py). */
const RECOVERY_DELAY = Milliseconds(5000);

/**
 * Connects to the hypervisor, opens the port, and rebuilds what is known of the VMs, which clients are told to wait
 * for; throws where the hypervisor or the port cannot be had.
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const meters = createMeters();
  const hypervisor = await connect(config.libvirt.uri, {
    clock: systemClock,
    log,
    onCall: meters.libvirtCall,
  });
  const events = new EventBus();
  const ending = new AbortController();
  const letGo: (() => unknown)[] = [() => hypervisor.close()];
  try {
    const common = { config, log, hypervisor, events, meters };
    const vms = createRegistry({ ...common, node: await hypervisor.node() });
    letGo.unshift(watchEventLoop(systemClock, meters.eventLoopLag), countReconnects(common), () => {
      vms.stop();
    });
    const mom = await openMom(config.mom, systemClock, log);
    const dispatch = await createVerbs({ ...common, vms, mom, signal: ending.signal });
    const front = await open({ ...common, vms, mom, dispatch });
    letGo.unshift(() => front.close());
    await recovered(vms, log);
    const interval = toMilliseconds(config.sampling.interval);
    letGo.unshift(startSampling({ vms, clock: systemClock, interval, log }));
    return {
      addresses: front.endpoints.map(address),
      connection: hypervisor.description,
      certificateExpiry: () => front.certificateExpiry(),
      reload: () => front.reload(),
      stop: () => {
        vms.endWaits();
        return release(letGo, ending);
      },
    };
  } catch (error) {
    await release(letGo, ending);
    throw error;
  }
}

async function release(letGo: readonly (() => unknown)[], ending: AbortController): Promise<void> {
  for (const part of letGo) await part();
  ending.abort();
}

/** Tries until the VMs are known: libvirt may be restarting just now. */
async function recovered(vms: Registry, log: Logger): Promise<void> {
  for (;;) {
    try {
      await vms.start();
      return;
    } catch (error) {
      log.warn({ err: error }, 'the VMs could not be read; trying again in 5 s');
      await new Promise((resolve) => setTimeout(resolve, RECOVERY_DELAY));
    }
  }
}

/** What all parts are made with. */
interface Common {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly events: EventBus;
  readonly meters: Meters;
}

const countReconnects = ({ hypervisor, meters }: Common): (() => void) =>
  hypervisor.listen(({ kind }) => {
    if (kind === 'reconnected') meters.reconnected();
  });

function createRegistry(parts: Common & { readonly node: HostNode }): Registry {
  const { config, log, hypervisor, node, events, meters } = parts;
  const timeout = toMilliseconds(config.vars.vm_command_timeout);
  const vms: Registry = new Registry({
    hypervisor,
    clock: systemClock,
    log,
    timeout,
    maxVms: config.vars.max_vms,
    samplingInterval: config.sampling.interval,
    historySize: config.sampling.history,
    hotplugTimeouts: {
      unplugTimeout: toMilliseconds(config.hotplug.unplug_timeout),
      unplugAttempts: config.hotplug.unplug_attempts,
      onlineTimeout: toMilliseconds(config.hotplug.online_timeout),
    },
    period: {
      period: config.memory.mem_stats_period_seconds,
      own: config.memory.own_stats_period,
    },
    build: buildSettings(config, node),
    announce(vm, news) {
      // As by VDSM, nothing is told before requests are answered.
      if (!vms.isReady) return;
      const { method, params } = wireEvent(vm, news, timeout);
      events.publish(method, params);
      if (isDeviceOutcome(news.kind)) meters.memoryDevice(news.kind);
      if (news.kind === 'memory-job' && !isOpen(news.change)) meters.memoryChange(news.change);
    },
  });
  return vms;
}

function buildSettings({ memory }: Config, { arch, capabilitiesXml }: HostNode): BuildSettings {
  const can = (type: string): boolean =>
    new RegExp(`<domain type=['"]${type}['"]`).test(capabilitiesXml);
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

interface VerbParts extends Common {
  readonly vms: Registry;
  readonly mom: Mom;
  readonly signal: AbortSignal;
}

async function createVerbs(parts: VerbParts): Promise<Dispatch> {
  const { config, log, hypervisor, meters, vms, mom, signal } = parts;
  const verbs = await loadVerbs();
  const contracts = new Map([...verbs].map(([name, { contract }]) => [name, contract]));
  return createDispatch({
    verbs,
    services: {
      vms,
      host: new HostReport(hypervisor),
      mom,
      openrpc: openRpc(contracts, version()),
      rootLog: log,
    },
    signal,
    log,
    isReady: () => vms.isReady,
    strict: config.devel.api_strict_mode,
    maxBatch: config.rpc.max_batch,
    maxOutstanding: config.rpc.max_outstanding,
    measure: meters.rpc,
  });
}

interface FrontParts extends Common {
  readonly vms: Registry;
  readonly mom: Mom;
  readonly dispatch: Dispatch;
}

function open(parts: FrontParts): Promise<Front> {
  const { config, log, hypervisor, meters, vms, mom, dispatch, events } = parts;
  const { addresses, vars, rpc } = config;
  const opened = openFront({
    dispatch,
    events,
    log,
    clock: systemClock,
    addresses: addresses.management_ip,
    port: addresses.management_port,
    ssl: vars.ssl,
    pkiPath: vars.pki_path,
    verifyClient: vars.verify_client_cert,
    gate: { hosts: rpc.allowed_hosts, origins: rpc.allowed_origins },
    maxMessage: rpc.max_message_bytes,
    maxFrame: rpc.max_frame_bytes,
    maxUnread: rpc.max_unread_bytes,
    pages: {
      '/healthz': () =>
        hypervisor.isConnected ?
          plain(200, `serving ${hypervisor.description}`)
        : plain(503, `${hypervisor.description} is out of reach`),
      '/metrics': async () => {
        const certificateExpiry = (await opened).certificateExpiry();
        const body = await metrics({
          vms,
          hypervisor,
          mom,
          meters,
          version: version(),
          certificateExpiry,
        });
        return { status: 200, type: MEDIA_TYPE, body };
      },
    },
  });
  return opened;
}

const address = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
