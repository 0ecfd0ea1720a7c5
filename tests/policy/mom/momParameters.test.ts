import { expect, test } from '@jest/globals';
import { PARAMETERS, parametersPolicy } from '../../../src/policy/mom/momParameters.ts';
import contract from '../../../schema/verbs/Host.setMOMPolicyParameters.ts';

test("each parameter is one line in MoM's policy language", () => {
  expect(parametersPolicy({ balloonEnabled: true, ksmEnabled: false })).toBe(
    '(set balloonEnabled True)\n(set ksmEnabled False)',
  );
  expect(parametersPolicy({})).toBe('');
});

test("clients may set exactly the parameters of MoM's policy", () => {
  const { properties, additionalProperties } = contract.params.properties.key_value_store;
  const defined = ['balloonEnabled', 'ksmEnabled', 'ksmMergeAcrossNodes'];
  expect(Object.keys(properties)).toEqual(defined);
  expect(PARAMETERS).toEqual(defined);
  expect(additionalProperties).toBe(false);
});
