import { requestXml } from '../../domain-xml/request.ts';
import {
  affect,
  destroyFlag,
  type Client,
  type Domain,
  type TypedParameter,
} from '../../libvirt/index.ts';
import type { CallOptions, CpuLimits, Hypervisor } from '../hypervisor.ts';
import { createDomain } from './createDomain.ts';
import { detach } from './detach.ts';
import { convertErrors } from './errorKinds.ts';
import { listDomains } from './listing.ts';
import { nextRunXml, setNextRunXml } from './nextRunXml.ts';
import { setMetadata } from './setMetadata.ts';
import { undefine } from './undefine.ts';

type LifecycleCalls = Pick<
  Hypervisor,
  | 'listDomains'
  | 'createDomain'
  | 'undefineDomain'
  | 'destroyDomain'
  | 'shutdownDomain'
  | 'rebootDomain'
  | 'resetDomain'
  | 'suspendDomain'
  | 'resumeDomain'
>;
type ConfigurationCalls = Pick<
  Hypervisor,
  'domainXml' | 'nextRunXml' | 'setNextRunXml' | 'setMetadata' | 'setCpuTune'
>;
type MemoryCalls = Pick<
  Hypervisor,
  'setBalloon' | 'setStatsPeriod' | 'attachDevice' | 'requestDeviceMemory' | 'detachDevice'
>;

type On = <T>(
  uuid: string,
  bound: CallOptions | undefined,
  work: (domain: Domain) => Promise<T>,
) => Promise<T>;

/** Calls on domains, over the control connection. */
export function domainCalls(client: Client): LifecycleCalls & ConfigurationCalls & MemoryCalls {
  const on: On = (uuid, bound, work) =>
    convertErrors(bound, () => work(client.control.domain(uuid)));
  return {
    ...lifecycleCalls(client, on),
    ...configurationCalls(client, on),
    ...memoryCalls(on),
  };
}

const lifecycleCalls = (client: Client, on: On): LifecycleCalls => ({
  listDomains: (bound = {}) => convertErrors(bound, () => listDomains(client, bound)),
  createDomain: (xml, options, bound = {}) =>
    convertErrors(bound, () => createDomain(client, { xml, ...options }, bound)),
  undefineDomain: (uuid, bound = {}) => convertErrors(bound, () => undefine(client, uuid, bound)),
  destroyDomain: (uuid, { graceful }, bound) => {
    // libvirt waits 45 s for a hung QEMU to exit gracefully.
    const flags = graceful && !client.isStuck(uuid) ? destroyFlag.graceful : 0;
    return on(uuid, bound, (domain) => domain.destroy(flags, bound));
  },
  shutdownDomain: (uuid, bound) => on(uuid, bound, (domain) => domain.shutdown(0, bound)),
  rebootDomain: (uuid, bound) => on(uuid, bound, (domain) => domain.reboot(0, bound)),
  resetDomain: (uuid, bound) => on(uuid, bound, (domain) => domain.reset(bound)),
  suspendDomain: (uuid, bound) => on(uuid, bound, (domain) => domain.suspend(bound)),
  resumeDomain: (uuid, bound) => on(uuid, bound, (domain) => domain.resume(bound)),
});

const configurationCalls = (client: Client, on: On): ConfigurationCalls => ({
  domainXml: (uuid, bound) => on(uuid, bound, (domain) => domain.getXmlDesc(0, bound)),
  nextRunXml: (uuid, bound = {}) => on(uuid, bound, (domain) => nextRunXml(domain, bound)),
  setNextRunXml: (uuid, xml, bound = {}) =>
    convertErrors(bound, () => setNextRunXml(client, { uuid, xml }, bound)),
  setMetadata: (uuid, element, bound) =>
    on(uuid, bound, (domain) => setMetadata(domain, element, bound)),
  setCpuTune: (uuid, limits, bound) =>
    on(uuid, bound, (domain) =>
      domain.setSchedulerParameters(schedulerParameters(limits), affect.live, bound),
    ),
});

const memoryCalls = (on: On): MemoryCalls => ({
  setBalloon: (uuid, target, bound) =>
    on(uuid, bound, (domain) => domain.setMemory(target, affect.live, bound)),
  setStatsPeriod: (uuid, period, bound) =>
    on(uuid, bound, (domain) => domain.setMemoryStatsPeriod(period, affect.live, bound)),
  attachDevice: (uuid, xml, bound) =>
    on(uuid, bound, (domain) => domain.attachDevice(xml, affect.live, bound)),
  requestDeviceMemory: (uuid, alias, requested, bound) =>
    on(uuid, bound, async (domain) => {
      const xml = requestXml(await domain.getXmlDesc(0, bound), alias, requested);
      await domain.updateDevice(xml, affect.live, bound);
    }),
  detachDevice: (uuid, alias, bound) => on(uuid, bound, (domain) => detach(domain, alias, bound)),
});

// libvirt's types of the two parameters: a quota may be -1, a period may not.
const HYPER = 3;
const UHYPER = 4;

const schedulerParameters = ({ quota, period }: CpuLimits): TypedParameter[] => [
  ...(quota === undefined ? [] : [{ field: 'vcpu_quota', type: HYPER, value: BigInt(quota) }]),
  ...(period === undefined ? [] : [{ field: 'vcpu_period', type: UHYPER, value: BigInt(period) }]),
];
