import { expect, test } from '@jest/globals';
import { PARAMETERS, parametersPolicy } from '../../src/policy/momParameters.ts';
import contract from '../../schema/verbs/Host.setMOMPolicyParameters.ts';

test('parameters become one line each, in the words of MoM', () => {
  expect(parametersPolicy({ balloonEnabled: true, ksmEnabled: false })).toBe(
    '(set balloonEnabled True)\n(set ksmEnabled False)',
  );
  expect(parametersPolicy({})).toBe('');
});

test('clients may set exactly what the policy of MoM defines', () => {
  const { properties, additionalProperties } = contract.params.properties.key_value_store;
  expect(Object.keys(properties)).toEqual([...PARAMETERS]);
  expect(additionalProperties).toBe(false);
});
