import type { VmParameters } from './parameters.ts';
import { KiB } from '../../common/units.ts';
import { fittingGuarantee } from '../guarantee.ts';
import { unitSlip } from '../../common/unitSlip.ts';
import { element, type Element } from '../element.ts';
import { DomainXmlError } from '../types.ts';
import { virtioMemDevices } from './virtioMemDevices.ts';
import { size } from './size.ts';

// oVirt's MaxMemorySlots.
const DEFAULT_SLOTS = 16;

/** The checked memory sizes of a VM. */
export interface Memory {
  readonly boot: KiB;
  /** Boot memory and virtio-mem devices, as in libvirt's `<memory>`. */
  readonly total: KiB;
  readonly maximum?: { readonly size: KiB; readonly slots: number };
  readonly guarantee?: KiB;
}

/** Checks memory parameters against each other; throws {@link DomainXmlError}. */
export const memoryOf = (parameters: VmParameters): Memory => {
  const { memSize, maxMemSize, maxMemSlots = DEFAULT_SLOTS } = parameters;
  if (!memSize) throw new DomainXmlError('memSize is missing or 0; give the memory in MiB');
  const boot = size(memSize, 'memSize');
  const maximum = maxMemSize === undefined ? boot : size(maxMemSize, 'maxMemSize');
  const guarantee = guaranteeOf(parameters, boot);
  if (maximum < boot) {
    throw new DomainXmlError(
      `maxMemSize ${String(maxMemSize)} is below memSize ${String(memSize)}; ${adviceOn(memSize, maxMemSize) ?? 'raise it'}`,
    );
  }
  if (maximum > boot && maxMemSlots < 1) {
    throw new DomainXmlError('maxMemSize needs at least one slot; raise maxMemSlots');
  }
  return {
    boot,
    total: totalOf(parameters, boot, maximum),
    ...(maximum > boot && { maximum: { size: maximum, slots: maxMemSlots } }),
    ...(guarantee !== undefined && { guarantee }),
  };
};

/** Returns which unit a size was probably given in that exceeds another one. */
const adviceOn = (size: number, most: number | undefined): string | undefined => {
  const slip = most && unitSlip(size, { unit: 'MiB', least: most / 64, most });
  return slip ? `sizes are in MiB, ${slip}` : undefined;
};

const guaranteeOf = ({ memSize, memGuaranteedSize }: VmParameters, boot: KiB): KiB | undefined => {
  if (memGuaranteedSize === undefined) return undefined;
  const guarantee = fittingGuarantee(size(memGuaranteedSize, 'memGuaranteedSize'), boot);
  if (guarantee !== undefined) return guarantee;
  throw new DomainXmlError(
    `memGuaranteedSize ${String(memGuaranteedSize)} is above memSize ${String(memSize)}; ${adviceOn(memGuaranteedSize, memSize) ?? 'lower it'}`,
  );
};

const totalOf = (parameters: VmParameters, boot: KiB, maximum: KiB): KiB => {
  const { maxMemSlots = DEFAULT_SLOTS } = parameters;
  const devices = virtioMemDevices(parameters);
  const total = devices.reduce((sum, device) => KiB(sum + device.size), boot);
  if (total > maximum) {
    throw new DomainXmlError(
      `memSize and the virtio-mem devices make ${String(total / 1024)} MiB; give a maxMemSize of at least that`,
    );
  }
  if (devices.length > maxMemSlots) {
    throw new DomainXmlError(
      `${String(devices.length)} virtio-mem devices need a slot each; raise maxMemSlots`,
    );
  }
  return total;
};

/** `<maxMemory>`, `<memory>`, `<currentMemory>` and `<memtune>`. */
export const memoryElements = ({ total, maximum, guarantee }: Memory): Element[] => [
  ...(maximum ? [element('maxMemory', { slots: maximum.slots, unit: 'KiB' }, maximum.size)] : []),
  element('memory', { unit: 'KiB' }, total),
  element('currentMemory', { unit: 'KiB' }, total),
  ...(guarantee ?
    [element('memtune', {}, element('min_guarantee', { unit: 'KiB' }, guarantee))]
  : []),
];
