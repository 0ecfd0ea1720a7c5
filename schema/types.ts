type Fields = Readonly<Record<string, object>>;
const none = {} as const;

/** An object with these fields and no others; the second argument lists the optional ones. */
export const object = <const R extends Fields, const O extends Fields = typeof none>(
  required: R,
  optional = none as Fields as O,
) =>
  ({
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required) as (keyof R)[],
    additionalProperties: false,
  }) as const;

/** Like {@link object}, but other fields are allowed, for shapes that VDSM leaves open. */
export const openObject = <const R extends Fields, const O extends Fields = typeof none>(
  required: R,
  optional = none as Fields as O,
) => ({ ...object(required, optional), additionalProperties: true }) as const;

export const array = <const I extends object>(items: I) => ({ type: 'array', items }) as const;
/** Values of one shape under any key. */
export const record = <const V extends object>(values: V) =>
  ({ type: 'object', additionalProperties: values }) as const;

export const text = { type: 'string' } as const;
export const integer = { type: 'integer' } as const;
/** Milliseconds since 1970, up to the year 9999: later times have no ISO 8601 form that clients read. */
export const time = { type: 'integer', minimum: 0, maximum: 253_402_300_799_999 } as const;
export const boolean = { type: 'boolean' } as const;
export const UUID = { type: 'string', format: 'uuid' } as const;
export const KiB = { type: 'integer', format: 'KiB', minimum: 0 } as const;
export const MiB = { type: 'integer', format: 'MiB', minimum: 0 } as const;
/** A whole number as decimal text, VDSM's form for most quantities. */
export const decimal = { type: 'string', pattern: '^-?\\d+$' } as const;
/** A decimal fraction as text, "0.00", the only form that the engine reads as a double. */
export const decimalFraction = { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' } as const;
/** VDSM's result of verbs without data. */
export const done = { const: true } as const;
/** VDSM's result of verbs that return a status. */
export const Status = object({ code: { const: 0 }, message: { const: 'Done' } });

export const VmStatus = {
  enum: [
    'Up',
    'Down',
    'Migration Source',
    'Migration Destination',
    'Paused',
    'Powering down',
    'Powering up',
    'RebootInProgress',
    'Restoring state',
    'Saving State',
    'WaitForLaunch',
  ],
} as const;
