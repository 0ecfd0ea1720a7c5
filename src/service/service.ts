import type { Logger } from 'pino';
import { loadVerbs } from '../api/loadVerbs.ts';
import { openRpc } from '../api/openrpc.ts';
import { pause, systemClock } from '../common/clock.ts';
import { Milliseconds, toMilliseconds } from '../common/units.ts';
import { version } from '../common/version.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { HostReport } from '../host/report/hostReport.ts';
import { type Call, createCall } from '../jsonrpc/call.ts';
import { createDispatch } from '../jsonrpc/dispatch.ts';
import { EventBus } from '../jsonrpc/eventBus.ts';
import type { Mom } from '../policy/mom.ts';
import { openMom } from '../policy/openMom.ts';
import type { Endpoint } from '../server/port/port.ts';
import { openServer, type Server } from '../server/server.ts';
import { type Counters, createCounters } from '../telemetry/counters.ts';
import { watchEventLoop } from '../telemetry/eventLoop.ts';
import type { Registry } from '../vm/registry/registry.ts';
import { startSampling } from '../vm/registry/sampler.ts';
import { connect, procfsOf } from './connect.ts';
import { createRegistry } from './createRegistry.ts';
import { createPages } from './pages.ts';

/** A running vmemd. */
export interface Service {
  /** Where it listens: `127.0.0.1:54321`, `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** The hypervisor: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
  /** Returns when the certificate shown to clients expires; undefined without TLS. */
  certificateExpiry(): Date | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Waits for running requests, then releases everything; VMs keep running. */
  stop(): Promise<void>;
}

/** Delay before VMs that could not be read are read again, as in VDSM (clientIF.py). */
const RECOVERY_DELAY = Milliseconds(5000);

/**
 * Connects to the hypervisor, opens the port, then reads the VMs; until they are read, clients get Recovering. Throws
 * if the hypervisor does not reply or the port cannot be opened.
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const counters = createCounters();
  const connecting = { clock: systemClock, log, onCall: counters.libvirtCall };
  const hypervisor = await connect(config.libvirt.uri, connecting);
  const events = new EventBus();
  const stopping = new AbortController();
  const cleanups: (() => unknown)[] = [() => hypervisor.close()];
  try {
    const common = { config, log, hypervisor, events, counters };
    const vms = createRegistry({ ...common, node: await hypervisor.node() });
    cleanups.push(
      () => vms.stop(),
      hypervisor.listen(counters.hostEvent),
      watchEventLoop(systemClock, counters.eventLoopLag),
    );
    const mom = await openMom(config.mom, systemClock, log);
    const call = await createVerbs({ ...common, vms, mom, signal: stopping.signal });
    const server = await listen({ ...common, vms, mom, call });
    cleanups.push(() => server.close());
    await startVms(vms, log);
    const interval = toMilliseconds(config.sampling.interval);
    cleanups.push(startSampling({ vms, clock: systemClock, interval, log }));
    return {
      addresses: server.endpoints.map(address),
      connection: hypervisor.description,
      certificateExpiry: () => server.certificateExpiry(),
      reload: () => server.reload(),
      stop: () => {
        vms.endWaits();
        return release(cleanups, stopping);
      },
    };
  } catch (error) {
    await release(cleanups, stopping);
    throw error;
  }
}

/** Runs the cleanups from the last to the first, then aborts verbs that still run. */
async function release(
  cleanups: readonly (() => unknown)[],
  stopping: AbortController,
): Promise<void> {
  for (const cleanup of cleanups.toReversed()) await cleanup();
  stopping.abort();
}

interface Parts {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly events: EventBus;
  readonly counters: Counters;
}

interface VerbParts extends Parts {
  readonly vms: Registry;
  readonly mom: Mom;
  readonly signal: AbortSignal;
}

async function createVerbs(parts: VerbParts): Promise<Call> {
  const { config, log, hypervisor, counters, vms, mom, signal } = parts;
  const verbs = await loadVerbs();
  const contracts = new Map([...verbs].map(([name, { contract }]) => [name, contract]));
  return createCall({
    verbs,
    services: {
      vms,
      host: new HostReport(hypervisor, procfsOf(hypervisor)),
      mom,
      openrpc: openRpc(contracts, version()),
      rootLog: log,
    },
    signal,
    log,
    isReady: () => vms.isReady,
    strict: config.devel.api_strict_mode,
    maxOutstanding: config.rpc.max_outstanding,
    measure: counters.rpc,
  });
}

interface ServerParts extends Parts {
  readonly vms: Registry;
  readonly mom: Mom;
  readonly call: Call;
}

function listen(parts: ServerParts): Promise<Server> {
  const { config, log, call, events, counters } = parts;
  const { addresses, vars, rpc } = config;
  const dispatch = createDispatch(call, {
    maxBatch: rpc.max_batch,
    maxOutstanding: rpc.max_outstanding,
    measure: counters.rpc,
  });
  // requests can arrive before the last address is open
  const opened = openServer({
    call,
    dispatch,
    events,
    log,
    clock: systemClock,
    addresses: addresses.management_ip,
    port: addresses.management_port,
    ssl: vars.ssl,
    pkiPath: vars.pki_path,
    verifyClient: vars.verify_client_cert,
    originPolicy: { hosts: rpc.allowed_hosts, origins: rpc.allowed_origins },
    maxMessage: rpc.max_message_bytes,
    maxFrame: rpc.max_frame_bytes,
    maxUnread: rpc.max_unread_bytes,
    pages: createPages({
      ...parts,
      certificateExpiry: async () => (await opened).certificateExpiry(),
    }),
  });
  return opened;
}

/** Reads the VMs; tries again without end, since libvirt may be restarting, while clients get Recovering. */
async function startVms(vms: Registry, log: Logger): Promise<void> {
  for (;;) {
    try {
      await vms.start();
      return;
    } catch (error) {
      const seconds = RECOVERY_DELAY / 1000;
      log.warn({ err: error }, `the VMs could not be read; trying again in ${String(seconds)} s`);
      await pause(systemClock, RECOVERY_DELAY);
    }
  }
}

const address = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
