import type { Domain } from '../domain-xml/types.ts';
import { floorMiB, KiB } from '../common/units.ts';
import { sizeText } from './plugChecks.ts';
import type { Obstacle, ResizeChange, Steps } from './resizePlan.ts';
import { unplugChoices, type Candidate, type Choice } from './unplugChoice.ts';
import {
  givenBy,
  providedMemory,
  type Store,
  takeFrom,
  total,
  virtioMemDevices,
} from './virtioMem.ts';

/**
 * Plans giving back up to `decrement` KiB. DIMMs in `awaited`, whose unplug the guest may still complete, come first.
 * The rest frees as much as fits, with the fewest DIMMs, then the least memory in DIMMs, then the youngest DIMMs; so
 * virtio-mem is used before DIMMs.
 */
export function shrink(
  domain: Domain,
  decrement: KiB,
  awaited: ReadonlySet<string> = new Set(),
): Steps | Obstacle {
  const all = dimmsOf(domain);
  const requested = all.filter(({ alias }) => awaited.has(alias));
  const rest = KiB(decrement - total(requested.map(({ size }) => size)));
  if (rest < 0) return { obstacle: tooMuchAwaited(domain, requested) };
  const dimms = all.filter(({ alias }) => !awaited.has(alias));
  const virtioMem = virtioMemDevices(domain);
  const stores = virtioMem.map(givenBy).filter(({ amount }) => amount > 0);
  const choice = bestChoice(unplugChoices(dimms, rest), stores, rest);
  const taken = takeFrom(stores, rest - choice.sum);
  const changes = [
    ...virtioMem.toReversed().flatMap(({ alias, requested: from }): ResizeChange[] => {
      const less = taken.get(alias) ?? 0;
      return less > 0 ? [{ action: 'resize', alias, from, to: KiB(from - less) }] : [];
    }),
    ...[...requested, ...choice.devices()].map((dimm): ResizeChange => ({
      action: 'unplug',
      ...dimm,
    })),
  ];
  return changes.length > 0 ?
      { changes, warnings: [] }
    : { obstacle: whyNothing(domain, decrement, { dimms, stores }) };
}

const dimmsOf = (domain: Domain): Candidate[] =>
  domain.memoryDevices.flatMap(({ model, alias, size }) =>
    model === 'dimm' && alias !== undefined ? [{ alias, size }] : [],
  );

function tooMuchAwaited(domain: Domain, awaited: readonly Candidate[]): string {
  const { text, left } = mayStillGo(awaited, providedMemory(domain));
  return `${text}; ask for ${floorMiB(left)} MiB or less`;
}

/** Returns a sentence about DIMMs whose unplug may still complete, and the memory in KiB that would remain then. */
export function mayStillGo(
  awaited: readonly Candidate[],
  memory: KiB,
): { readonly text: string; readonly left: KiB } {
  const names = awaited.map(({ alias, size }) => `${alias} (${sizeText(size)})`).join(', ');
  const left = KiB(memory - total(awaited.map(({ size }) => size)));
  const text = `the guest may still release ${names}, requested before, which would leave ${sizeText(left)}`;
  return { text, left };
}

/** Returns the choice that frees most together with the stores; on a tie the fewest DIMMs, then the smallest sum. */
const bestChoice = (choices: readonly Choice[], stores: readonly Store[], most: KiB): Choice =>
  choices
    .map((choice) => ({
      choice,
      freed: choice.sum + total(takeFrom(stores, most - choice.sum).values()),
    }))
    .reduce((best, next) => {
      const isBetter =
        next.freed > best.freed ||
        (next.freed === best.freed && next.choice.count < best.choice.count);
      return isBetter ? next : best;
    }).choice;

/** The most devices that a message lists. */
const MOST_LISTED = 8;

function whyNothing(
  domain: Domain,
  decrement: KiB,
  { dimms, stores }: { readonly dimms: readonly Candidate[]; readonly stores: readonly Store[] },
): string {
  const provided = providedMemory(domain);
  const remaining = (size: KiB): KiB => KiB(provided - size);
  const steps = [
    ...dimms.map(({ alias, size }) => ({ alias, size, text: sizeText(size) })),
    ...stores.map(({ alias, block }) => ({
      alias,
      size: block,
      text: `blocks of ${sizeText(block)}`,
    })),
  ];
  if (steps.length === 0) {
    return `the VM has no memory devices to give back; its boot memory of ${sizeText(provided)} stays`;
  }
  const listed = steps
    .slice(0, MOST_LISTED)
    .map(
      ({ alias, size, text }) => `${alias} (${text}, ${sizeText(remaining(size))} would remain)`,
    );
  const more = steps.length - listed.length;
  const list = [...listed, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  const least = floorMiB(remaining(KiB(Math.min(...steps.map(({ size }) => size)))));
  return `none of the memory devices fits into the ${sizeText(decrement)} to give back: ${list}; ask for ${least} MiB or less`;
}
