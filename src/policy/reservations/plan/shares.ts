import { divide } from '../../decide/adaptive/waterLevel.ts';

/** What one guest can give in two stages: what it does not need first, then what it does not use; sizes in KiB. */
export interface Gift {
  readonly weight: number;
  readonly beyondNeed: number;
  readonly beyondUse: number;
}

/**
 * Returns what each gives so that `need` is freed: guests with most to spare for their weight give first, so that what
 * is left to each is max-min fair. Less than `need` only if all give all they can.
 */
export function shares(gifts: readonly Gift[], need: number): number[] {
  const first = stage(gifts, ({ beyondNeed }) => beyondNeed, need);
  const given = sum(first);
  const second = stage(gifts, ({ beyondUse }) => beyondUse, Math.max(0, need - given));
  return first.map((size, index) => size + (second[index] ?? 0));
}

function stage(gifts: readonly Gift[], size: (gift: Gift) => number, need: number): number[] {
  const sizes = gifts.map(size);
  const left = Math.max(0, sum(sizes) - need);
  const kept = divide(
    gifts.map(({ weight }, index) => ({ low: 0, high: sizes[index] ?? 0, weight })),
    left,
  );
  return sizes.map((each, index) => each - (kept[index] ?? 0));
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
