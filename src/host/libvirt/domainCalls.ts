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
import { editNextRunMetadata, setMetadata } from './setMetadata.ts';
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
  | 'domainXml'
  | 'nextRunXml'
  | 'setNextRunXml'
  | 'setMetadata'
  | 'editNextRunMetadata'
  | 'setCpuTune'
>;
type MemoryCalls = Pick<
  Hypervisor,
  | 'isMoving'
  | 'setBalloon'
  | 'setStatsPeriod'
  | 'attachDevice'
  | 'requestDeviceMemory'
  | 'detachDevice'
>;

type On = <T>(
  uuid: string,
  options: CallOptions | undefined,
  work: (domain: Domain) => Promise<T>,
) => Promise<T>;

/** Calls on domains, over the control connection. */
export function domainCalls(client: Client): LifecycleCalls & ConfigurationCalls & MemoryCalls {
  const on: On = (uuid, options, work) =>
    convertErrors(options, () => work(client.control.domain(uuid)));
  return {
    ...lifecycleCalls(client, on),
    ...configurationCalls(client, on),
    ...memoryCalls(on),
  };
}

const lifecycleCalls = (client: Client, on: On): LifecycleCalls => ({
  listDomains: (options = {}) => convertErrors(options, () => listDomains(client, options)),
  createDomain: (xml, how, options = {}) =>
    convertErrors(options, () => createDomain(client, { xml, ...how }, options)),
  undefineDomain: (uuid, options = {}) =>
    convertErrors(options, () => undefine(client, uuid, options)),
  destroyDomain: (uuid, { graceful }, options) => {
    // libvirt waits 45 s for a hung QEMU to exit gracefully.
    const flags = graceful && !client.isStuck(uuid) ? destroyFlag.graceful : 0;
    return on(uuid, options, (domain) => domain.destroyFlags(flags, options));
  },
  shutdownDomain: (uuid, options) =>
    on(uuid, options, (domain) => domain.shutdownFlags(0, options)),
  rebootDomain: (uuid, options) => on(uuid, options, (domain) => domain.reboot(0, options)),
  resetDomain: (uuid, options) => on(uuid, options, (domain) => domain.reset(options)),
  suspendDomain: (uuid, options) => on(uuid, options, (domain) => domain.suspend(options)),
  resumeDomain: (uuid, options) => on(uuid, options, (domain) => domain.resume(options)),
});

const configurationCalls = (client: Client, on: On): ConfigurationCalls => ({
  domainXml: (uuid, options) => on(uuid, options, (domain) => domain.getXMLDesc(0, options)),
  nextRunXml: (uuid, options = {}) => on(uuid, options, (domain) => nextRunXml(domain, options)),
  setNextRunXml: (uuid, xml, options = {}) =>
    convertErrors(options, () => setNextRunXml(client, { uuid, xml }, options)),
  setMetadata: (uuid, element, options) =>
    on(uuid, options, (domain) => setMetadata(domain, element, options)),
  editNextRunMetadata: (uuid, edit, options) =>
    on(uuid, options, (domain) => editNextRunMetadata(domain, edit, options)),
  setCpuTune: (uuid, limits, options) =>
    on(uuid, options, (domain) =>
      domain.setSchedulerParametersFlags(schedulerParameters(limits), affect.live, options),
    ),
});

const memoryCalls = (on: On): MemoryCalls => ({
  isMoving: (uuid, options) =>
    on(uuid, options, async (domain) => isMove(await domain.getJobStats(options))),
  setBalloon: (uuid, target, options) =>
    on(uuid, options, (domain) => domain.setMemoryFlags(target, affect.live, options)),
  setStatsPeriod: (uuid, period, options) =>
    on(uuid, options, (domain) => domain.setMemoryStatsPeriod(period, affect.live, options)),
  attachDevice: (uuid, xml, options) =>
    on(uuid, options, (domain) => domain.attachDeviceFlags(xml, affect.live, options)),
  requestDeviceMemory: (uuid, alias, requested, options) =>
    on(uuid, options, async (domain) => {
      const xml = requestXml(await domain.getXMLDesc(0, options), alias, requested);
      await domain.updateDeviceFlags(xml, affect.live, options);
    }),
  detachDevice: (uuid, alias, options) =>
    on(uuid, options, (domain) => detach(domain, alias, options)),
});

// libvirt's types of the two parameters: a quota may be -1, a period may not.
const HYPER = 3;
const UHYPER = 4;

const schedulerParameters = ({ quota, period }: CpuLimits): TypedParameter[] => [
  ...(quota === undefined ? [] : [{ field: 'vcpu_quota', type: HYPER, value: BigInt(quota) }]),
  ...(period === undefined ? [] : [{ field: 'vcpu_period', type: UHYPER, value: BigInt(period) }]),
];

/** virDomainJobType of a job that runs. */
const RUNNING = [1, 2];
/** virDomainJobOperation of a backup, the one job beside which libvirt lets a domain's memory be changed. */
const BACKUP = 9;

const isMove = ({ type, figures }: Awaited<ReturnType<Domain['getJobStats']>>): boolean =>
  RUNNING.includes(type) && figures.get('operation') !== BACKUP;
