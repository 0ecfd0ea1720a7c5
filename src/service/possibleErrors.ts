import type { Contract } from '../api/verb.ts';
import { type ErrorName, errors } from '../common/errors.ts';

/** Errors that any method can have. */
const ANY: readonly ErrorName[] = [
  'InvalidParams',
  'Recovering',
  'NotEnoughResources',
  'InternalError',
];

/** Returns the error codes that each method can have; `unknown` stands for methods that do not exist. */
export function possibleErrors(
  contracts: ReadonlyMap<string, Pick<Contract, 'access' | 'errors'>>,
): ReadonlyMap<string, readonly number[]> {
  const codes = (names: readonly ErrorName[]): readonly number[] => [
    ...new Set(names.map((name) => errors[name][0])),
  ];
  const known = [...contracts].map(([method, contract]) => {
    const denied = contract.access === 'read' ? [] : (['AccessDenied'] as const);
    return [method, codes([...contract.errors, ...ANY, ...denied])] as const;
  });
  return new Map([...known, ['unknown', codes(['MethodNotFound'])]]);
}
