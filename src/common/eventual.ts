/** A value, or the promise of one. */
export type Eventual<T> = T | Promise<T>;

/** Passes a value to `next`: at once if it is there, else when its promise fulfils. */
export const whenReady = <T, R>(value: Eventual<T>, next: (value: T) => R): Eventual<R> =>
  value instanceof Promise ? value.then(next) : next(value);
