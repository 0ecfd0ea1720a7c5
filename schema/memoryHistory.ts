import { array, integer, object, text } from './types.ts';

/** One value per step; null where nothing is known. */
const values = array({ anyOf: [{ type: 'number' }, { type: 'null' }] } as const);

/** Where the values are from: kept by vmemd itself, or from Prometheus. */
const source = { enum: ['vmemd', 'prometheus'] } as const;

/** Which part of the history is wanted, in seconds until now; the last hour by default. */
export const HistoryRange = { seconds: { ...integer, minimum: 1, maximum: 31_536_000 } } as const;

/** Columns of equal length: the value at index i is of the time start + i × step_s. */
const history = <const S extends Readonly<Record<string, object>>>(series: S) =>
  object({ source, start: text, step_s: integer, series: object(series) });

export const HostHistory = history({
  used_by_guests_kib: values,
  balloons_held_kib: values,
  caches_kib: values,
  free_kib: values,
  available_kib: values,
  promised_kib: values,
  swap_used_kib: values,
  stall_percent: values,
});

export const VmHistory = history({
  used_kib: values,
  current_kib: values,
  target_kib: values,
  guaranteed_kib: values,
  maximum_kib: values,
  swap_in_kib_s: values,
  swap_out_kib_s: values,
});
