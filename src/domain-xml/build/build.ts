import { floorMiB } from '../../common/units.ts';
import { cpuElement, vcpuElement } from './cpu.ts';
import { devicesElement } from './devicesElement.ts';
import { memoryElements, memoryOf, type Memory } from './memorySizes.ts';
import { osElement } from './os.ts';
import type { BuildOptions, VmParameters } from './parameters.ts';
import { element, type Element } from '../element.ts';
import { checkedName, checkedUuid } from '../identifiers.ts';
import { OVIRT_TUNE, OVIRT_VM, setMetadata } from '../metadata.ts';
import { DomainXmlError } from '../types.ts';

/** Builds a domain from VM parameters, whose sizes are in MiB; throws DomainXmlError. */
export const buildDomain = (parameters: VmParameters, options: BuildOptions): Element => {
  const type = domainType(parameters, options);
  const arch = parameters.arch ?? options.arch ?? 'x86_64';
  const uuid = checkedUuid(options.uuid);
  const memory = memoryOf(parameters);
  const domain = element(
    'domain',
    {
      type,
      [`xmlns:${OVIRT_TUNE.prefix}`]: OVIRT_TUNE.uri,
      [`xmlns:${OVIRT_VM.prefix}`]: OVIRT_VM.uri,
    },
    element('name', {}, checkedName(parameters.vmName ?? uuid)),
    element('uuid', {}, uuid),
    metadataElement(parameters.custom),
    ...memoryElements(memory),
    vcpuElement(parameters),
    osElement(parameters, arch, type),
    /^(x86_64|i686)$/.test(arch) ? element('features', {}, element('acpi')) : undefined,
    cpuElement(parameters, memory, type),
    clockElement(parameters.timeOffset),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
    devicesElement(parameters, options),
  );
  describe(domain, parameters, memory);
  return domain;
};

const domainType = (
  { vmType = 'kvm', kvmEnable = true }: VmParameters,
  options: BuildOptions,
): string => {
  if (vmType !== 'kvm') return vmType;
  return kvmEnable ? (options.domainType ?? 'kvm') : 'qemu';
};

const metadataElement = (custom: VmParameters['custom'] = {}): Element => {
  const vm = element(`${OVIRT_VM.prefix}:vm`);
  if (Object.keys(custom).length > 0) vm.children.push(customElement(custom));
  return element('metadata', {}, element(`${OVIRT_TUNE.prefix}:qos`), vm);
};

const customElement = (custom: NonNullable<VmParameters['custom']>): Element => {
  const properties = Object.entries(custom).map(([name, value]) => {
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) {
      throw new DomainXmlError(`"${name}" cannot name a custom property; use letters and digits`);
    }
    return element(`${OVIRT_VM.prefix}:${name}`, {}, String(value));
  });
  return element(`${OVIRT_VM.prefix}:custom`, {}, ...properties);
};

const describe = (domain: Element, parameters: VmParameters, { guarantee }: Memory): void => {
  const { launchPaused, ballooningEnabled = true } = parameters;
  setMetadata(domain, {
    ...(guarantee !== undefined && { minGuaranteedMemoryMb: floorMiB(guarantee) }),
    ...(launchPaused !== undefined && { launchPaused }),
    ballooningEnabled,
  });
};

const clockElement = (offset: number | undefined): Element =>
  offset === undefined ?
    element('clock', { offset: 'utc' })
  : element('clock', { offset: 'variable', adjustment: offset, basis: 'utc' });
