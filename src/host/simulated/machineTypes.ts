import { element, find, place, type Element } from '../../domain-xml/element.ts';
import { HypervisorError } from '../hypervisor.ts';

const LATEST = '7.2';
const ALIASES: Readonly<Record<string, string>> = {
  pc: `pc-i440fx-${LATEST}`,
  q35: `pc-q35-${LATEST}`,
};
/** QEMU's versions of both types, and those of the distribution that oVirt runs on, by which it knows a cluster's level. */
const VERSIONS = [
  '7.2',
  '7.1',
  '7.0',
  '6.2',
  '6.1',
  '6.0',
  '5.2',
  '5.1',
  '5.0',
  '4.2',
  '4.1',
  '4.0',
  '3.1',
  '2.12',
];
const DISTRIBUTION = [
  'pc-q35-rhel8.6.0',
  'pc-q35-rhel8.4.0',
  'pc-q35-rhel8.3.0',
  'pc-i440fx-rhel7.6.0',
];
const TYPES: readonly string[] = [
  ...VERSIONS.flatMap((version) => [`pc-q35-${version}`, `pc-i440fx-${version}`]),
  ...DISTRIBUTION,
];

/** The machine types of libvirt's capabilities XML. */
export const machineElements = (): string =>
  [
    ...TYPES.map((type) => `<machine maxCpus='288'>${type}</machine>`),
    ...Object.entries(ALIASES).map(
      ([alias, type]) => `<machine canonical='${type}' maxCpus='288'>${alias}</machine>`,
    ),
  ].join('\n      ');

/** Writes architecture and machine type as libvirt does when it defines a domain; throws `invalid` for an unknown type. */
export function completeMachine(domain: Element): void {
  const os = find(domain, 'os') ?? element('os');
  if (!domain.children.includes(os)) place(domain, os, 'vcpu', 'currentMemory', 'memory');
  const type = find(os, 'type') ?? element('type', {}, 'hvm');
  if (!os.children.includes(type)) os.children.unshift(type);
  const arch = type.attributes.get('arch') ?? 'x86_64';
  type.attributes.set('arch', arch);
  if (arch === 'x86_64') type.attributes.set('machine', machineOf(type.attributes.get('machine')));
}

function machineOf(wanted = 'pc'): string {
  const machine = ALIASES[wanted] ?? wanted;
  if (TYPES.includes(machine)) return machine;
  throw new HypervisorError(
    'invalid',
    `unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support machine type '${wanted}'`,
  );
}
