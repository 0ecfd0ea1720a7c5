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

/** As {@link object}, but fields that are not named are let through: for shapes that VDSM leaves open. */
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
export const boolean = { type: 'boolean' } as const;
export const UUID = { type: 'string', format: 'uuid' } as const;
export const KiB = { type: 'integer', format: 'KiB', minimum: 0 } as const;
export const MiB = { type: 'integer', format: 'MiB', minimum: 0 } as const;
/** A whole number as decimal text: how VDSM writes most quantities. */
export const decimal = { type: 'string', pattern: '^-?\\d+$' } as const;
/** A number with decimals as text, "0.00": the engine reads its doubles only so. */
export const decimalFraction = { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' } as const;
/** VDSM's answer of verbs that only say that they are done. */
export const done = { const: true } as const;
/** VDSM's answer of verbs that answer their status. */
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
