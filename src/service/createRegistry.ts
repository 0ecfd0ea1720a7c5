import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { toMilliseconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { HostNode, Hypervisor } from '../host/hypervisor.ts';
import type { EventBus } from '../jsonrpc/eventBus.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { BuildSettings } from '../vm/registry/creation.ts';
import { Registry } from '../vm/registry/registry.ts';
import { wireEvent } from '../vm/report/wireEvents.ts';

export interface RegistrySettings {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly events: EventBus;
  readonly counters: Counters;
}

/** Creates the registry of VMs, whose events are counted and published to clients. */
export function createRegistry(options: RegistrySettings): Registry {
  const { config, log, hypervisor, events, counters } = options;
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
    balloonPolicy: {
      floor: config.memory.floor_mib,
      floorPercent: config.memory.floor_percent,
      external: config.memory.balloon_external,
    },
    build: once(async () => buildSettings(config, await hypervisor.node())),
    emit(vm, event) {
      // VDSM sends no events before it answers requests
      if (!vms.isReady) return;
      const { method, params } = wireEvent(vm, event);
      events.publish(method, params);
      counters.vmEvent(event);
    },
  });
  return vms;
}

/** Returns a function that keeps the first result of `read`; it reads again after a failure. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () =>
    (result ??= read().catch((error: unknown) => {
      result = undefined;
      throw error;
    }));
}

function buildSettings(
  { memory, access }: Config,
  { arch, capabilitiesXml }: HostNode,
): BuildSettings {
  const supports = (type: string): boolean =>
    new RegExp(`<domain type=['"]${type}['"]`).test(capabilitiesXml);
  return {
    statsPeriod: memory.mem_stats_period_seconds,
    autodeflate: memory.autodeflate,
    freePageReporting: memory.free_page_reporting,
    arch,
    folders: access.vm_folders,
    domainType:
      supports('test') ? 'test'
      : supports('qemu') && !supports('kvm') ? 'qemu'
      : 'kvm',
  };
}
