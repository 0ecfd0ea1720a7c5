import { systemClock, type Clock } from '../../common/clock.ts';
import { Client, LibvirtError } from '../../libvirt/index.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { domainCalls } from './domainCalls.ts';
import { toHostEvent } from './hostEvents.ts';
import { createNodeReader, readHostMemory } from './readNode.ts';
import { convertErrors, toHypervisorError } from './errorKinds.ts';
import { sampleAll } from './sampling.ts';

export interface LibvirtHostOptions {
  /** A libvirt URI of this machine: `qemu:///system`, `test:///default?socket=/path` … */
  readonly uri: string;
  readonly clock?: Clock;
  readonly log?: { warn(facts: object, message: string): void };
  /** Hears of each call to libvirt when it has ended, with its duration. */
  readonly onCall?: ((procedure: string, duration: Milliseconds) => void) | undefined;
}

const silent = { warn: () => undefined };

function createClient({ uri, clock = systemClock, onCall }: LibvirtHostOptions): Client {
  try {
    return new Client({
      uri,
      timers: clock,
      onCall: onCall && ((procedure, duration) => onCall(procedure, Milliseconds(duration))),
    });
  } catch (error) {
    throw error instanceof LibvirtError ? toHypervisorError(error) : error;
  }
}

/** The hypervisor behind a libvirt daemon of this machine; throws HypervisorError for a URI that is none. */
export function createLibvirtHost(options: LibvirtHostOptions): Hypervisor {
  const { uri, log = silent } = options;
  const client = createClient(options);
  const readNode = createNodeReader(client);
  client.listen((event) => {
    if (event.kind !== 'problem') return;
    log.warn({ err: event.problem }, 'libvirt sent something unexpected; it was ignored');
  });
  return {
    description: `libvirt at ${uri}`,
    // libvirt's test driver makes its domains up
    isReal: !/^test\b/.test(uri),
    get isConnected() {
      return client.isConnected;
    },
    open: () => convertErrors(undefined, () => client.open()),
    close: () => {
      client.close();
      return Promise.resolve();
    },
    listen: (listener) =>
      client.listen((event) => {
        const told = event.kind === 'problem' ? undefined : toHostEvent(event);
        if (told) listener(told);
      }),
    ...domainCalls(client),
    sampleAll: (bound = {}) => convertErrors(bound, () => sampleAll(client, bound)),
    node: (bound = {}) => convertErrors(bound, () => readNode(bound)),
    hostMemory: (bound = {}) => convertErrors(bound, () => readHostMemory(client, bound)),
  };
}
