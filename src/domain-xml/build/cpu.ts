import type { VmParameters } from './parameters.ts';
import type { KiB } from '../../common/units.ts';
import { numaCell } from '../changes.ts';
import { element, type Element } from '../element.ts';
import { DomainXmlError } from '../types.ts';
import type { Memory } from './memorySizes.ts';
import { size } from './size.ts';

/** The number of vCPUs at start and the maximum; throws {@link DomainXmlError}. */
const vcpus = ({ smp = 1, maxVCpus = smp }: VmParameters) => {
  if (maxVCpus < smp) {
    throw new DomainXmlError(`maxVCpus ${String(maxVCpus)} is below smp ${String(smp)}; raise it`);
  }
  return { current: smp, maximum: maxVCpus };
};

/** `<vcpu>`, with the number at start if it is below the maximum. */
export const vcpuElement = (parameters: VmParameters): Element => {
  const { current, maximum } = vcpus(parameters);
  const on = current < maximum ? current : undefined;
  return element('vcpu', { placement: 'static', current: on }, maximum);
};

/** `<cpu>` with model, topology and NUMA cells; undefined if none is needed. */
export const cpuElement = (
  parameters: VmParameters,
  memory: Memory,
  domainType: string,
): Element | undefined => {
  const cpu = modelled(parameters.cpuType, domainType);
  const cells = numaCells(parameters, memory);
  const topology = topologyElement(parameters);
  if (topology) cpu.children.push(topology);
  cpu.children.push(...features(parameters.cpuType));
  if (cells.length > 0) cpu.children.push(element('numa', {}, ...cells));
  return cpu.attributes.size > 0 || cpu.children.length > 0 ? cpu : undefined;
};

const MODES = new Map([
  ['host-passthrough', 'host-passthrough'],
  ['hostPassthrough', 'host-passthrough'],
  ['host-model', 'host-model'],
  ['hostModel', 'host-model'],
  ['maximum', 'maximum'],
]);
const BEST = new Map([
  ['kvm', 'host-passthrough'],
  ['qemu', 'maximum'],
]);

const modelled = (cpuType: string | undefined, domainType: string): Element => {
  if (cpuType === undefined) return element('cpu', { mode: BEST.get(domainType) });
  if (!/^[\w.-]+(,[+-]?[\w.][\w.-]*)*$/.test(cpuType)) {
    throw new DomainXmlError(`cpuType "${cpuType}" is not known; give "Model,+feature,-feature"`);
  }
  const [model = ''] = cpuType.split(',');
  const mode = MODES.get(model);
  if (mode) return element('cpu', { mode });
  return element('cpu', { mode: 'custom', match: 'exact' }, element('model', {}, model));
};

const features = (cpuType = ''): Element[] =>
  cpuType
    .split(',')
    .slice(1)
    .map((feature) =>
      element('feature', {
        policy: feature.startsWith('-') ? 'disable' : 'require',
        name: feature.replace(/^[+-]/, ''),
      }),
    );

const topologyElement = (parameters: VmParameters): Element | undefined => {
  const { smpCoresPerSocket, smpThreadsPerCore } = parameters;
  if (smpCoresPerSocket === undefined && smpThreadsPerCore === undefined) return undefined;
  const cores = smpCoresPerSocket ?? 1;
  const threads = smpThreadsPerCore ?? 1;
  const { maximum } = vcpus(parameters);
  if (maximum % (cores * threads) !== 0) {
    throw new DomainXmlError(
      `${String(maximum)} vCPUs cannot be distributed over sockets of ${String(cores * threads)}; change smp or the topology`,
    );
  }
  return element('topology', { sockets: maximum / (cores * threads), cores, threads });
};

const numaCells = (parameters: VmParameters, { boot, maximum }: Memory): Element[] => {
  const { guestNumaNodes = [] } = parameters;
  if (guestNumaNodes.length === 0) {
    return maximum ? [numaCell(vcpus(parameters).maximum, boot)] : [];
  }
  const nodes = guestNumaNodes.toSorted((a, b) => a.nodeIndex - b.nodeIndex);
  if (nodes.some((node, index) => node.nodeIndex !== index)) {
    throw new DomainXmlError(
      'guestNumaNodes must be numbered 0, 1, 2 … without gaps; renumber them',
    );
  }
  const sizes = nodes.map((node) => size(node.memory, "a NUMA node's memory"));
  const total = sizes.reduce((sum, each) => sum + each, 0);
  if (total !== boot) {
    throw new DomainXmlError(
      `guestNumaNodes hold ${String(total / 1024)} MiB but memSize is ${String(boot / 1024)}; make them equal`,
    );
  }
  return nodes.map((node, index) => cell(index, node.cpus, sizes[index]));
};

const cell = (id: number, cpus: string, memory: KiB | undefined): Element => {
  if (cpus !== '' && !/^\d+(-\d+)?(,\^?\d+(-\d+)?)*$/.test(cpus)) {
    throw new DomainXmlError(
      `the NUMA node's cpus "${cpus}" are not a list; write them as "0-3,5"`,
    );
  }
  return element('cell', { id, cpus: cpus === '' ? undefined : cpus, memory, unit: 'KiB' });
};
