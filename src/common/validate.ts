import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

const wholeNumber = { type: 'number', validate: Number.isSafeInteger } as const;
const ajv = new Ajv({
  strict: true,
  verbose: true,
  formats: {
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    KiB: wholeNumber,
    MiB: wholeNumber,
    Seconds: wholeNumber,
  },
});

/** Returns a function that compiles the validator on first use; most verbs are never called between start and stop. */
export function validator<T>(schema: object): () => ValidateFunction<T> {
  let compiled: ValidateFunction<T> | undefined;
  return () => (compiled ??= ajv.compile<T>(schema));
}

interface Expected {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Expected[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Expected>>;
}

/** Returns a validator's finding as a sentence: which value, what is wrong, what is expected. */
export function complaint({ errors }: ValidateFunction): string {
  // Of an anyOf, the last error concerns the whole value, the earlier ones its branches.
  const error = errors?.at(-1) as ErrorObject<string, Record<string, string>> | undefined;
  if (!error) return 'something is not as expected';
  const expected = (error.parentSchema ?? {}) as Expected;
  const known = expected.properties ?? {};
  const { missingProperty: missing, additionalProperty: extra } = error.params;
  if (error.keyword === 'required' && missing !== undefined) {
    return `${place(error, missing)} is missing; give ${wording(known[missing] ?? {})}`;
  }
  if (error.keyword === 'additionalProperties' && extra !== undefined) {
    const names = Object.keys(known).join(', ');
    return `${place(error, extra)} is not known here; ${names ? `known are ${names}` : 'nothing is expected'}`;
  }
  const most = mostBelow(error.data, expected);
  return most === undefined ?
      `${place(error)} must be ${wording(expected)}, not ${shown(error.data)}`
    : `${place(error)} is too large: ${shown(error.data).replaceAll('"', '')}; give at most ${String(most)}`;
}

/** Returns the largest number that can be given, if the one given can only be too large for JavaScript. */
function mostBelow(data: unknown, { type, format = '', maximum }: Expected): number | undefined {
  const isWanted = type === 'integer' || (format in formats && format !== 'uuid');
  const isWhole = typeof data === 'number' || (typeof data === 'string' && /^\d+$/.test(data));
  const most = Number.MAX_SAFE_INTEGER;
  return isWanted && isWhole && Number(data) > most ? (maximum ?? most) : undefined;
}

function place({ instancePath }: ErrorObject, child?: string): string {
  const steps = instancePath.split('/').slice(1).map(unescape);
  if (child !== undefined) steps.push(child.slice(0, 80));
  if (steps.length === 0) return 'the value';
  return steps
    .map((step, i) => (/^\d+$/.test(step) ? `[${step}]` : `${i ? '.' : ''}${step}`))
    .join('');
}

// RFC 6901 §4
const unescape = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

const formats: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  KiB: 'a whole number of KiB',
  MiB: 'a whole number of MiB',
  Seconds: 'a whole number of seconds',
};
const types: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function wording(expected: Expected): string {
  if (expected.anyOf) return [...new Set(expected.anyOf.map(wording))].join(' or ');
  if ('const' in expected) return JSON.stringify(expected.const);
  if (expected.enum) return `one of ${expected.enum.map((one) => JSON.stringify(one)).join(', ')}`;
  const noun = formats[expected.format ?? ''] ?? types[expected.type ?? ''] ?? 'a value';
  const pattern = expected.pattern === undefined ? '' : ` that matches ${expected.pattern}`;
  return noun + pattern + limits(expected);
}

function limits(expected: Expected): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, maxProperties } = expected;
  return (
    range(minimum, maximum) +
    range(minLength, maxLength, ' character') +
    range(minItems, maxItems, ' item') +
    range(undefined, maxProperties, ' field')
  );
}

/** With a unit the limits are a count: "of 1 to 4 items"; without one they are a value: "from 1 to 4". */
function range(least: number | undefined, most: number | undefined, unit = ''): string {
  if (least === undefined && most === undefined) return '';
  const of = (limit: number): string =>
    `${String(limit)}${unit}${unit === '' || limit === 1 ? '' : 's'}`;
  if (most === undefined) return ` of at least ${of(least ?? 0)}`;
  if (least === undefined) return ` of at most ${of(most)}`;
  return ` ${unit === '' ? 'from' : 'of'} ${String(least)} to ${of(most)}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
