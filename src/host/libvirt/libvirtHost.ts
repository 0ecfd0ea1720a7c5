import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock, type Clock } from '../../common/clock.ts';
import { Client, errorCode, LibvirtError, procedures } from '../../libvirt/index.ts';
import { messageOf } from '../../common/messageOf.ts';
import { Milliseconds } from '../../common/units.ts';
import { type Daemon, type HostEvent, type Hypervisor, HypervisorError } from '../hypervisor.ts';
import { domainCalls } from './domainCalls.ts';
import { toHostEvent } from './hostEvents.ts';
import { createNodeReader, readHostMemory } from './readNode.ts';
import { convertErrors, toHypervisorError } from './errorKinds.ts';
import { ConnectedSlotRule } from './slotRule.ts';
import { sampleAll } from './sampling.ts';

/** The names that {@link LibvirtHostOptions.onCall} gets. */
export const libvirtCalls: readonly string[] = Object.keys(procedures);

export interface LibvirtHostOptions {
  /** A libvirt URI of this machine: `qemu:///system`, `test:///default?socket=/path` … */
  readonly uri: string;
  /** Whether libvirt refuses all changes by this host. */
  readonly readOnly?: boolean;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Called after each libvirt call with its duration. */
  readonly onCall?: ((procedure: string, duration: Milliseconds) => void) | undefined;
}

interface Log {
  warn(facts: object, message: string): void;
}

const silent = { warn: () => undefined };

const NONE: ReadonlySet<string> = new Set();
/** No guest hangs as a rule, and this is asked for each VM. */
const setOf = (uuids: readonly string[]): ReadonlySet<string> =>
  uuids.length === 0 ? NONE : new Set(uuids);

function createClient(options: LibvirtHostOptions): Client {
  const { uri, readOnly, clock = systemClock, onCall } = options;
  try {
    return new Client({
      uri,
      readOnly,
      timers: clock,
      onCall: onCall && ((procedure, duration) => onCall(procedure, Milliseconds(duration))),
    });
  } catch (error) {
    throw error instanceof LibvirtError ? toHypervisorError(error) : error;
  }
}

/** Creates the hypervisor of a libvirt daemon on this machine. Throws HypervisorError for an invalid URI. */
export function createLibvirtHost(options: LibvirtHostOptions): Hypervisor {
  const { uri, log = silent } = options;
  const client = createClient(options);
  const readNode = createNodeReader(client);
  const slotRule = new ConnectedSlotRule(client);
  reportProblems(client, log);
  return {
    description: `libvirt at ${uri}`,
    // The domains of libvirt's test driver are not real.
    isReal: !/^test\b/.test(uri),
    isReadOnly: options.readOnly ?? false,
    get daemon() {
      return daemonAt(uri, client.sockets);
    },
    get isConnected() {
      return client.isConnected;
    },
    get slotRule() {
      return slotRule.current;
    },
    open: async () => {
      await convertErrors(undefined, () => client.open().catch(refuseUri));
      await slotRule.read();
    },
    get hungDomains() {
      return setOf(client.stuck);
    },
    get silentDomains() {
      return setOf(client.silent);
    },
    close: () => {
      client.close();
      return Promise.resolve();
    },
    listen: (listener) => listen(client, listener),
    ...domainCalls(client),
    sampleAll: (options = {}) => convertErrors(options, () => sampleAll(client, options)),
    node: (options = {}) => convertErrors(options, () => readNode(options)),
    hostMemory: (options = {}) => convertErrors(options, () => readHostMemory(client, options)),
  };
}

/** Logs each problem with libvirt once until it is connected again: it may come back with every attempt to reconnect. */
function reportProblems(client: Client, log: Log): void {
  let last: string | undefined;
  client.listen((event) => {
    if (event.kind === 'reconnected') last = undefined;
    if (event.kind !== 'problem' || messageOf(event.problem) === last) return;
    last = messageOf(event.problem);
    log.warn({ err: event.problem }, 'a problem with libvirt; what it concerns is ignored');
  });
}

const listen = (client: Client, listener: (event: HostEvent) => void): (() => void) =>
  client.listen((event) => {
    const converted = event.kind === 'problem' ? undefined : toHostEvent(event);
    if (converted) listener(converted);
  });

/** Names the daemon by the folder of its socket, which is the same for all sockets that serve a driver. */
function daemonAt(uri: string, sockets: readonly string[]): Daemon | undefined {
  const socket = sockets.find((path) => existsSync(path)) ?? sockets[0];
  const driver = /^[a-z]+/.exec(uri)?.[0];
  return socket === undefined || driver === undefined ?
      undefined
    : { driver, folder: dirname(socket) };
}

/** Rethrows an error of connecting; as `invalid` if libvirt has no driver for the URI, which time does not change. */
function refuseUri(error: unknown): never {
  if (!(error instanceof LibvirtError) || error.code !== errorCode.noConnect) throw error;
  throw new HypervisorError('invalid', error.message, { cause: error });
}
