import type { AccessClass } from '../access/accessClass.ts';
import { type ErrorName, VdsmError } from '../common/errors.ts';
import type { Eventual } from '../common/eventual.ts';
import type { Typed, Unsent } from '../common/typed.ts';
import { complaint, validator } from '../common/validate.ts';
import { readText } from './coerce.ts';
import type { Changed } from './changes.ts';
import type { Context } from './context.ts';

/** The schema of a verb's params: an object whose properties are in the order of positional params. */
export interface ParamsSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

/** An example exchange with params by name. */
export interface Example {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: unknown;
}

/** The content of a file in schema/verbs/. */
export interface Contract {
  readonly summary?: string;
  readonly description: string;
  readonly params: ParamsSchema;
  readonly result: object;
  /** The first version of vmemd that has it. */
  readonly since: string;
  /** What clients may rely on; docs/api.md defines the words. */
  readonly stability: 'stable' | 'evolving' | 'experimental';
  /** The class that a client needs. */
  readonly access: AccessClass;
  /** What it can change, for the audit log; empty for a verb that only reads. */
  readonly changes: readonly Changed[];
  /** Errors besides those of JSON-RPC. */
  readonly errors: readonly ErrorName[];
  readonly examples?: readonly Example[];
  /** Whether unknown params are refused even without api_strict_mode: for verbs that VDSM does not have. */
  readonly refusesUnknown?: boolean;
  /** Whether it may wait for a guest; a long call is then not logged as slow. */
  readonly waits?: boolean;
}

export interface VerbOptions {
  /** Whether unknown params are refused. */
  readonly strict?: boolean;
  /** Gets the params that the handler gets, immediately before it. */
  readonly accepted?: ((params: object) => void) | undefined;
}

/** A contract with its handler. */
export interface Verb {
  readonly contract: Contract;
  /** Returns the handler's result; throws InvalidParams if the params break the contract. */
  call(params: unknown, context: Context, options?: VerbOptions): Eventual<unknown>;
}

/** Binds a contract to its handler, which gets only valid params. */
export function verb<const S extends Contract>(
  contract: S,
  handle: (params: Typed<S['params']>, context: Context) => Eventual<Unsent<S['result']>>,
): Verb {
  const compiled = validator<Typed<S['params']>>(contract.params);
  return {
    contract,
    call(raw, context, { strict = false, accepted } = {}) {
      const named = byName(raw, contract.params);
      const params = readText(
        strict || contract.refusesUnknown === true ?
          named
        : withoutUnknown(named, contract.params, context),
        contract.params,
      );
      const valid = compiled();
      if (!valid(params)) throw new VdsmError('InvalidParams', complaint(valid));
      accepted?.(params);
      return handle(params, context);
    },
  };
}

/** Throws a TypeError if `result` breaks the contract. Used by tests; handlers are typed. */
export function validateResult({ result: schema }: Contract, result: unknown): void {
  const valid = validator(schema)();
  // on the wire, undefined members are absent
  if (!valid(JSON.parse(JSON.stringify(result)))) throw new TypeError(complaint(valid));
}

function byName(params: unknown, schema: ParamsSchema): object {
  if (params === undefined) return {};
  if (typeof params !== 'object' || params === null) {
    throw new VdsmError('InvalidParams', 'give params by name or by position');
  }
  if (!isList(params)) return params;
  const names = Object.keys(schema.properties);
  if (params.length > names.length) {
    const expected = names.length > 0 ? names.join(', ') : 'none';
    throw new VdsmError(
      'InvalidParams',
      `${String(params.length)} are too many; the params are ${expected}`,
    );
  }
  return Object.fromEntries(names.slice(0, params.length).map((name, i) => [name, params[i]]));
}

// as VDSM does without api_strict_mode: clients of other versions send further params
function withoutUnknown(params: object, schema: ParamsSchema, context: Context): object {
  if (schema.additionalProperties) return params;
  const names = Object.keys(params);
  if (names.length === 0) return params;
  const isKnown = (name: string): boolean => Object.hasOwn(schema.properties, name);
  if (names.every(isKnown)) return params;
  const unknown = names.filter((name) => !isKnown(name));
  context.log.debug(
    { event: 'unknown_params', names: unknown.slice(0, 20) },
    'dropped unknown params',
  );
  return Object.fromEntries(Object.entries(params).filter(([name]) => isKnown(name)));
}

const isList = (params: object): params is readonly unknown[] => Array.isArray(params);
