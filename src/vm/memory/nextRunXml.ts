import { domainAtStart } from '../../domain-xml/align.ts';
import { withMemory, withMetadata } from '../../domain-xml/edit.ts';
import { guaranteeOf } from '../../domain-xml/metadata.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import type { Domain } from '../../domain-xml/types.ts';
import { floorMiB, KiB, MiB, toKiB } from '../../common/units.ts';
import type { NextRunSize } from '../../memory/nextRunSize.ts';
import { sizeText } from '../../memory/plugChecks.ts';
import { providedMemory } from '../../memory/virtioMem.ts';

/**
 * The next run's configuration with that size; the same text if it has it already, undefined if its memory was set by
 * another program. A guarantee that another program set is kept.
 */
export function withNextRunSize(
  xml: string,
  { memory, guaranteed, before }: NextRunSize,
): string | undefined {
  const next = domainAtStart(xml);
  const hasMemory = has(next, memory);
  if (!hasMemory && !before.some((size) => has(next, size.memory))) return undefined;
  const resized = hasMemory ? xml : withMemory(xml, toKiB(memory));
  const present = guaranteeIn(next);
  const isOurs = before.some((size) => size.guaranteed === present);
  return guaranteed !== undefined && guaranteed !== present && isOurs ?
      withMetadata(resized, { memGuaranteedSize: guaranteed })
    : resized;
}

/** Returns a sentence about a balloon that the former configuration filled at the start, and the new one does not. */
export function lostStart(before: string, after: string): string | undefined {
  const [from, to] = [parseDomain(before), parseDomain(after)];
  const wasFilled = providedMemory(from) - from.currentMemory > toKiB(MiB(1));
  if (!wasFilled || from.currentMemory === to.currentMemory) return undefined;
  return `the next run's currentMemory is ${sizeText(to.currentMemory)} instead of ${sizeText(from.currentMemory)}, which is more than its memory`;
}

/** Whether a domain begins with that much memory, rounded up to the blocks of its virtio-mem devices. */
function has(domain: Domain, memory: MiB | undefined): boolean {
  if (memory === undefined) return false;
  const blocks = domain.memoryDevices.map(({ virtioMem }) => virtioMem?.block ?? 0);
  const above = providedMemory(domain) - toKiB(memory);
  return above >= 0 && above < Math.max(toKiB(MiB(1)), ...blocks);
}

const guaranteeIn = ({ metadata, minGuarantee }: Domain): MiB =>
  guaranteeOf(metadata) ?? floorMiB(minGuarantee ?? KiB(0));
