import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadVerbs } from '../api/loadVerbs.ts';
import { openRpc } from '../api/openrpc.ts';
import { systemClock } from '../common/clock.ts';
import { endpointText } from '../common/endpoint.ts';
import { prepareJson } from '../common/preparedJson.ts';
import { toMilliseconds } from '../common/units.ts';
import { packageFolder, version } from '../common/version.ts';
import type { Config } from '../config/config.ts';
import { type Call, createCall } from '../jsonrpc/call.ts';
import { createDispatch } from '../jsonrpc/dispatch.ts';
import { EventBus } from '../jsonrpc/eventBus.ts';
import { inTurns, Turns } from '../jsonrpc/turns.ts';
import { AuditTrail } from '../overview/auditTrail.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import { KsmTuner } from '../policy/ksm/ksmTuner.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import type { Mom } from '../policy/mom/mom.ts';
import { openMom } from '../policy/mom/openMom.ts';
import { openServer, type Server } from '../server/server.ts';
import { turnedAway } from '../server/limits/turnedAway.ts';
import { type Counters, createCounters } from '../telemetry/counters.ts';
import { watchEventLoop } from '../telemetry/eventLoop.ts';
import type { Registry } from '../vm/registry/registry.ts';
import { startSampling } from '../vm/registry/sampler.ts';
import { accessSettings, unixSocketOf } from './access.ts';
import { createRegistry } from './createRegistry.ts';
import { Life } from './life.ts';
import { Link } from './link.ts';
import { takeOwnership } from './ownership.ts';
import { createOverview } from './createOverview.ts';
import { createPolicy } from './createPolicy.ts';
import { createReservations } from './createReservations.ts';
import { recordPolicy } from './recordPolicy.ts';
import type { ChooseHypervisor } from './connect.ts';
import { createPages } from './pages.ts';
import { type OpenedHost, openHost } from './openHost.ts';
import { possibleErrors } from './possibleErrors.ts';
import { Readiness } from './readiness.ts';

/** A running vmemd. */
export interface Service {
  /** Where it listens: `127.0.0.1:54321`, `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** The hypervisor: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
  /** Fulfils when the VMs are known, or when it stops; rejects if the hypervisor can never be reached. */
  readonly ready: Promise<void>;
  readonly life: Pick<Life, 'status' | 'isAlive'>;
  /** Returns when the certificate shown to clients expires; undefined without TLS. */
  certificateExpiry(): Date | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Waits for running requests, then releases everything; VMs keep running. */
  stop(): Promise<void>;
}

/** Facts about the log that the log itself cannot report. */
export interface LogFacts {
  /** Returns how many lines could not be written. */
  readonly droppedLines: () => number;
}

/** What only the process itself knows. */
export interface Given extends LogFacts {
  /** Chooses the hypervisor, by its URI unless given. */
  readonly choose?: ChooseHypervisor | undefined;
}

/**
 * Opens the port, then connects to the hypervisor and reads the VMs, however long that takes; until then clients get
 * Recovering. Throws if the hypervisor's URI is invalid or the port cannot be opened.
 */
export async function startService(config: Config, log: Logger, given: Given): Promise<Service> {
  const counters = createCounters();
  const { choose, ...facts } = given;
  const opened = await openHost(config, log, { counters, choose });
  const { hypervisor } = opened;
  const link = new Link({ hypervisor, clock: systemClock, log });
  const stopping = new AbortController();
  const parts = { config, log, ...opened, events: new EventBus(), counters, ...facts };
  const vms = createRegistry(parts);
  const readiness = new Readiness({ hypervisor, link, vms, clock: systemClock, log });
  const life = new Life({ clock: systemClock, config, hypervisor, readiness, vms });
  const common = { ...parts, vms, link, readiness, life };
  const cleanups = firstCleanups(common);
  try {
    const mom = await openMom(config.mom, systemClock, log, hypervisor.isReadOnly);
    const owned = { ...common, mom, ...(await openPolicy({ ...common, mom }, cleanups)) };
    const call = await createVerbs({ ...owned, cleanups, signal: stopping.signal });
    const server = await listen({ ...owned, call });
    cleanups.push(() => server.close());
    const starting = new AbortController();
    return {
      addresses: server.endpoints.map(endpointText),
      connection: hypervisor.description,
      ready: becomeReady({ ...owned, server, signal: starting.signal, cleanups }),
      life,
      certificateExpiry: () => server.certificateExpiry(),
      reload: () => server.reload(),
      stop: () => {
        starting.abort();
        vms.endWaits();
        void owned.reservations.stop();
        return release(cleanups, stopping);
      },
    };
  } catch (error) {
    await release(cleanups, stopping);
    throw error;
  }
}

/** Counts events, and measures the loads of the event loop and of the host; returns what is released last. */
function firstCleanups(parts: Parts): (() => unknown)[] {
  const { config, hypervisor, host, link, vms, counters } = parts;
  return [
    () => hypervisor.close(),
    () => link.close(),
    () => vms.stop(),
    hypervisor.listen(counters.hostEvent),
    watchEventLoop(systemClock, counters.eventLoopLag),
    host.start(systemClock, toMilliseconds(config.sampling.interval)),
  ];
}

/** Creates the policy, whose rounds are recorded, and the reservations, of which each knows what the other does. */
async function openPolicy(
  parts: Parts & { readonly mom: Mom },
  cleanups: (() => unknown)[],
): Promise<{ policy: PolicyLoop; reservations: Reservations }> {
  const isLoopActing = (): boolean =>
    policy.settings.mode === 'act' && policy.obstacle === undefined;
  const reservations = createReservations({ ...parts, isLoopActing });
  const policy = await createPolicy({ ...parts, reservations });
  cleanups.push(recordPolicy(policy, parts), () => reservations.stop());
  return { policy, reservations };
}

/** Tunes same-page merging from now on, unless MoM does. */
function tuneKsm(parts: VerbParts): KsmTuner {
  const { config, log, host, pressure, mom, policy, cleanups } = parts;
  const ksm = new KsmTuner({
    host,
    pressure,
    clock: systemClock,
    log,
    pinTime: toMilliseconds(config.policy.pin_time),
    wish: () => (mom.isConfigured ? {} : policy.settings.ksm),
  });
  cleanups.push(ksm.start());
  return ksm;
}

/** Runs the cleanups from the last to the first, then aborts verbs that still run. */
async function release(
  cleanups: readonly (() => unknown)[],
  stopping: AbortController,
): Promise<void> {
  for (const cleanup of cleanups.toReversed()) await cleanup();
  stopping.abort();
}

interface Parts extends LogFacts, OpenedHost {
  readonly config: Config;
  readonly log: Logger;
  readonly vms: Registry;
  readonly link: Link;
  readonly readiness: Readiness;
  readonly life: Life;
  readonly events: EventBus;
  readonly counters: Counters;
}

interface VerbParts extends Parts {
  readonly mom: Mom;
  readonly policy: PolicyLoop;
  readonly reservations: Reservations;
  readonly cleanups: (() => unknown)[];
  readonly signal: AbortSignal;
}

async function createVerbs(parts: VerbParts): Promise<Call> {
  const { config, log, hypervisor, readiness, counters, vms, host, mom, policy, signal } = parts;
  const { overview, history } = createOverview(parts);
  parts.cleanups.push(history.start());
  const verbs = await loadVerbs();
  const contracts = new Map([...verbs].map(([name, { contract }]) => [name, contract]));
  counters.expectMethods(possibleErrors(contracts));
  return createCall({
    verbs,
    services: {
      vms,
      host,
      mom,
      policy,
      ksm: tuneKsm(parts),
      reservations: parts.reservations,
      overview,
      history,
      trail: new AuditTrail(),
      openrpc: prepareJson(openRpc(contracts, version())),
      rootLog: log,
    },
    signal,
    log,
    obstacle: () => readiness.obstacle,
    isReadOnly: hypervisor.isReadOnly,
    strict: config.devel.api_strict_mode,
    maxOutstanding: config.rpc.max_outstanding,
    measure: counters.rpc,
  });
}

interface ServerParts extends Parts {
  readonly mom: Mom;
  readonly policy: PolicyLoop;
  readonly reservations: Reservations;
  readonly call: Call;
}

/** Returns how clients call verbs, by objects and by texts, each request in its connection's turn. */
function takingTurns({ config, call, counters }: ServerParts) {
  const { max_batch: maxBatch, max_outstanding: maxOutstanding } = config.rpc;
  const turns = new Turns(maxOutstanding);
  return {
    call: inTurns(call, turns, systemClock),
    dispatch: createDispatch(call, { maxBatch, maxOutstanding, measure: counters.rpc, turns }),
  };
}

function listen(parts: ServerParts): Promise<Server> {
  const { config, log, events, counters, hypervisor } = parts;
  const { addresses, vars, rpc, dashboard } = config;
  for (const reason of turnedAway) counters.turnedAway(reason, 0);
  // requests can arrive before the last address is open
  const opened = openServer({
    ...takingTurns(parts),
    events,
    log,
    onTurnedAway: counters.turnedAway,
    clock: systemClock,
    addresses: addresses.management_ip,
    port: addresses.management_port,
    ssl: vars.ssl,
    pkiPath: vars.pki_path,
    verifyClient: vars.verify_client_cert,
    access: accessSettings(config, hypervisor.isReal),
    unixSocket: unixSocketOf(config, hypervisor.isReal),
    originPolicy: { hosts: rpc.allowed_hosts, origins: rpc.allowed_origins },
    maxMessage: rpc.max_message_bytes,
    maxFrame: rpc.max_frame_bytes,
    maxUnread: rpc.max_unread_bytes,
    dashboard: {
      folder: dashboard.enabled ? join(packageFolder(), 'dist', 'web') : undefined,
      actions: dashboard.actions,
    },
    pages: createPages({
      ...parts,
      certificateExpiry: async () => (await opened).certificateExpiry(),
      problem: () => parts.readiness.problem,
    }),
  });
  return opened;
}

interface Owned extends Parts {
  readonly server: Server;
}

interface ReadyParts extends Owned {
  readonly policy: PolicyLoop;
  readonly reservations: Reservations;
  readonly signal: AbortSignal;
  readonly cleanups: (() => unknown)[];
}

/** Connects, reads the VMs and starts to sample them; ends early when `signal` aborts. */
async function becomeReady({ signal, cleanups, ...parts }: ReadyParts): Promise<void> {
  const { config, log, vms, link, readiness, life, policy, reservations } = parts;
  await link.open(signal);
  // Released last, after everything that could still change a VM.
  if (!signal.aborted) cleanups.unshift(await own(parts));
  await readiness.readVms(signal);
  if (signal.aborted) return;
  await reservations.start();
  const interval = toMilliseconds(config.sampling.interval);
  const onRound = (): void => {
    life.sampled();
  };
  cleanups.push(startSampling({ vms, clock: systemClock, interval, log, onRound }));
  policy.start();
  cleanups.push(() => policy.stop());
}

/** Takes the lock of the libvirt, unless only this process reaches it or nothing is changed; returns how to release it. */
async function own({ config, hypervisor, log, server }: Owned): Promise<() => void> {
  const { daemon, isReadOnly } = hypervisor;
  if (!daemon || isReadOnly) return () => undefined;
  const at = server.endpoints.map(endpointText).join(' and ');
  return takeOwnership({
    daemon,
    folder: config.libvirt.lock_path,
    owner: `vmemd ${version()}, process ${String(process.pid)}, at ${at}, since ${new Date().toISOString()}`,
    env: process.env,
    clock: systemClock,
    warn: (text) => {
      log.warn(text);
    },
  });
}
