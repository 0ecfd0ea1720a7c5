const texts = new WeakMap<object, string>();

/** Keeps the JSON text of a value that never changes, so that it is made once. Returns the value. */
export function prepareJson<T extends object>(value: T): T {
  // ASCII, which is sent without an encoder
  const text = JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  texts.set(value, text);
  return value;
}

/** Returns the JSON text of a value, the prepared one if there is one; `null` for undefined. */
export function jsonOf(value: unknown): string {
  const prepared = typeof value === 'object' && value !== null ? texts.get(value) : undefined;
  return prepared ?? JSON.stringify(value ?? null);
}
