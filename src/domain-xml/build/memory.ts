import type { VmParameters } from './parameters.ts';
import { toKiB, type KiB, type MiB } from '../../units.ts';
import { element, type Element } from '../element.ts';
import { DomainXmlError } from '../types.ts';

// As many as oVirt's MaxMemorySlots.
const DEFAULT_SLOTS = 16;

/** The memory of a VM to be made, checked. */
export interface Memory {
  readonly boot: KiB;
  readonly maximum?: { readonly size: KiB; readonly slots: number };
  readonly guarantee?: KiB;
}

/** Checks memory parameters against each other; throws {@link DomainXmlError}. */
export const memoryOf = (parameters: VmParameters): Memory => {
  const { memSize, maxMemSize, memGuaranteedSize, maxMemSlots = DEFAULT_SLOTS } = parameters;
  if (!memSize) throw new DomainXmlError('memSize is missing or 0; give the memory in MiB');
  const boot = size(memSize, 'memSize');
  const maximum = maxMemSize === undefined ? boot : size(maxMemSize, 'maxMemSize');
  const guarantee =
    memGuaranteedSize === undefined ? undefined : size(memGuaranteedSize, 'memGuaranteedSize');
  if (maximum < boot) {
    throw new DomainXmlError(
      `maxMemSize ${String(maxMemSize)} is below memSize ${String(memSize)}; raise it`,
    );
  }
  if (guarantee !== undefined && guarantee > boot) {
    throw new DomainXmlError(
      `memGuaranteedSize ${String(memGuaranteedSize)} is above memSize ${String(memSize)}; lower it`,
    );
  }
  if (maximum > boot && maxMemSlots < 1) {
    throw new DomainXmlError('maxMemSize needs at least one slot; raise maxMemSlots');
  }
  return {
    boot,
    ...(maximum > boot && { maximum: { size: maximum, slots: maxMemSlots } }),
    ...(guarantee !== undefined && { guarantee }),
  };
};

/** `<maxMemory>`, `<memory>`, `<currentMemory>` and `<memtune>`. */
export const memoryElements = ({ boot, maximum, guarantee }: Memory): Element[] => [
  ...(maximum ? [element('maxMemory', { slots: maximum.slots, unit: 'KiB' }, maximum.size)] : []),
  element('memory', { unit: 'KiB' }, boot),
  element('currentMemory', { unit: 'KiB' }, boot),
  ...(guarantee ?
    [element('memtune', {}, element('min_guarantee', { unit: 'KiB' }, guarantee))]
  : []),
];

/** A size in MiB as KiB; throws {@link DomainXmlError} unless it is whole, 0 or more, and can be counted in KiB. */
export const size = (amount: MiB, what: string): KiB => {
  const converted = toKiB(amount);
  if (Number.isSafeInteger(amount) && Number.isSafeInteger(converted) && amount >= 0) {
    return converted;
  }
  throw new DomainXmlError(`${what} is ${String(amount)}; give whole MiB, 0 or more`);
};
