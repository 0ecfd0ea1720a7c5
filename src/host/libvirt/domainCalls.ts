import { requestXml } from '../../domain-xml/request.ts';
import { affect, destroyFlag, type Client, type TypedParameter } from '../../libvirt/index.ts';
import type { CpuLimits, Hypervisor } from '../hypervisor.ts';
import { createDomain } from './createDomain.ts';
import { detach } from './detach.ts';
import { listDomains } from './listing.ts';
import { setMetadata } from './setMetadata.ts';
import { nextRunXml, setNextRunXml } from './nextRunXml.ts';
import { asking } from './errorKinds.ts';
import { undefine } from './undefine.ts';

type DomainCalls = Pick<
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
  | 'domainXml'
  | 'nextRunXml'
  | 'setNextRunXml'
  | 'setMetadata'
  | 'setBalloon'
  | 'setStatsPeriod'
  | 'setCpuTune'
  | 'attachDevice'
  | 'requestDeviceMemory'
  | 'detachDevice'
>;

/** What the seam asks of single domains, over the control connection. */
export function domainCalls(client: Client): DomainCalls {
  const domain = (uuid: string) => client.control.domain(uuid);
  return {
    listDomains: (bound = {}) => asking(bound, () => listDomains(client, bound)),
    createDomain: (xml, options, bound = {}) =>
      asking(bound, () => createDomain(client, { xml, ...options }, bound)),
    undefineDomain: (uuid, bound = {}) => asking(bound, () => undefine(client, uuid, bound)),
    destroyDomain: (uuid, { graceful }, bound) => {
      // A hung QEMU does not go gracefully, which libvirt would find out in 45 s.
      const isPolite = graceful && !client.isStuck(uuid);
      return asking(bound, () => domain(uuid).destroy(isPolite ? destroyFlag.graceful : 0, bound));
    },
    shutdownDomain: (uuid, bound) => asking(bound, () => domain(uuid).shutdown(0, bound)),
    rebootDomain: (uuid, bound) => asking(bound, () => domain(uuid).reboot(0, bound)),
    resetDomain: (uuid, bound) => asking(bound, () => domain(uuid).reset(bound)),
    suspendDomain: (uuid, bound) => asking(bound, () => domain(uuid).suspend(bound)),
    resumeDomain: (uuid, bound) => asking(bound, () => domain(uuid).resume(bound)),
    domainXml: (uuid, bound) => asking(bound, () => domain(uuid).getXmlDesc(0, bound)),
    nextRunXml: (uuid, bound = {}) => asking(bound, () => nextRunXml(domain(uuid), bound)),
    setNextRunXml: (uuid, xml, bound = {}) =>
      asking(bound, () => setNextRunXml(client, { uuid, xml }, bound)),
    setMetadata: (uuid, element, bound) =>
      asking(bound, () => setMetadata(domain(uuid), element, bound)),
    setBalloon: (uuid, target, bound) =>
      asking(bound, () => domain(uuid).setMemory(target, affect.live, bound)),
    setStatsPeriod: (uuid, period, bound) =>
      asking(bound, () => domain(uuid).setMemoryStatsPeriod(period, affect.live, bound)),
    setCpuTune: (uuid, limits, bound) =>
      asking(bound, () =>
        domain(uuid).setSchedulerParameters(schedulerParameters(limits), affect.live, bound),
      ),
    attachDevice: (uuid, xml, bound) =>
      asking(bound, () => domain(uuid).attachDevice(xml, affect.live, bound)),
    requestDeviceMemory: (uuid, alias, requested, bound) =>
      asking(bound, async () => {
        const xml = requestXml(await domain(uuid).getXmlDesc(0, bound), alias, requested);
        await domain(uuid).updateDevice(xml, affect.live, bound);
      }),
    detachDevice: (uuid, alias, bound) => asking(bound, () => detach(domain(uuid), alias, bound)),
  };
}

// libvirt's types of the two: a quota may be -1, a period may not.
const HYPER = 3;
const UHYPER = 4;

const schedulerParameters = ({ quota, period }: CpuLimits): TypedParameter[] => [
  ...(quota === undefined ? [] : [{ field: 'vcpu_quota', type: HYPER, value: BigInt(quota) }]),
  ...(period === undefined ? [] : [{ field: 'vcpu_period', type: UHYPER, value: BigInt(period) }]),
];
