import type { BuildOptions, VmParameters } from './parameters.ts';
import { element, type Element } from '../element.ts';
import { memoryElement } from '../memoryDevice.ts';
import { DomainXmlError } from '../types.ts';
import { userAlias } from './alias.ts';
import { diskElements } from './disks.ts';
import { virtioMemDevices } from './virtioMemDevices.ts';
import { checkedPath } from './path.ts';

type Device = NonNullable<VmParameters['devices']>[number];

const VIRTIO = ['virtio', 'virtio-transitional', 'virtio-non-transitional'];
const MODELS = [...VIRTIO, 'xen', 'none'];

/** `<devices>`: emulator, disks, one serial with its console, the balloon and virtio-mem; throws {@link DomainXmlError}. */
export const devicesElement = (parameters: VmParameters, options: BuildOptions): Element => {
  const emulator = parameters.emulator ?? options.emulator;
  return element(
    'devices',
    {},
    emulator === undefined ? undefined : (
      element('emulator', {}, checkedPath(emulator, "the emulator's path"))
    ),
    ...diskElements(parameters.disks ?? []),
    ...serialElements(parameters.serial ?? { type: 'pty' }),
    balloonElement(parameters.devices ?? [], options),
    ...virtioMemDevices(parameters).map(memoryElement),
  );
};

const serialElements = ({ type, path }: NonNullable<VmParameters['serial']>): Element[] => {
  const source =
    type === 'file' ?
      element('source', { path: checkedPath(path ?? '', "the serial's path") })
    : undefined;
  return [
    element('serial', { type }, source, element('target', { port: 0 })),
    element('console', { type }, source, element('target', { type: 'serial', port: 0 })),
  ];
};

const balloonElement = (devices: readonly Device[], options: BuildOptions): Element => {
  const [balloon, ...more] = devices.filter(({ type }) => type === 'balloon');
  if (more.length > 0) {
    throw new DomainXmlError('devices has two balloons; keep one, QEMU supports only one');
  }
  const model = modelOf(balloon);
  if (model === 'none') return element('memballoon', { model });
  const alias = balloon && userAlias(balloon);
  return element(
    'memballoon',
    { model, ...(VIRTIO.includes(model) && virtioAttributes(options)) },
    options.statsPeriod > 0 ? element('stats', { period: options.statsPeriod }) : undefined,
    alias === undefined ? undefined : element('alias', { name: alias }),
  );
};

const modelOf = (balloon: Device | undefined): string => {
  const model = balloon?.model ?? balloon?.specParams?.model ?? 'virtio';
  if (MODELS.includes(model)) return model;
  throw new DomainXmlError(`the balloon model "${model}" is not known; use ${MODELS.join(', ')}`);
};

const virtioAttributes = ({ autodeflate, freePageReporting }: BuildOptions) => ({
  autodeflate: autodeflate ? 'on' : undefined,
  freePageReporting: freePageReporting ? 'on' : undefined,
});
