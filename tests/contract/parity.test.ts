import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errors } from '../../src/common/errors.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';

const names = (folder: string, ending: string): string[] =>
  readdirSync(new URL(`../../${folder}/`, import.meta.url))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();

const contracts = names('schema/verbs', '.ts');

test('every contract has a handler, and every handler a contract', () => {
  expect(names('src/verbs', '.ts')).toEqual(contracts);
});

test('every verb has tests', () => {
  expect(names('tests/verbs', '.test.ts')).toEqual(expect.arrayContaining(contracts));
});

test('every handler is bound to the contract of its name', async () => {
  for (const [name, verb] of await loadVerbs()) {
    const module = (await import(`../../schema/verbs/${name}.ts`)) as { readonly default: unknown };
    expect(verb.contract).toBe(module.default);
  }
});

test('every error that a contract names is in the table', async () => {
  for (const [name, { contract }] of await loadVerbs()) {
    for (const error of contract.errors)
      expect([name, Object.keys(errors)]).toEqual([name, expect.arrayContaining([error])]);
  }
});

test('required params come first, so that they can be given by position', async () => {
  for (const [, { contract }] of await loadVerbs()) {
    const { properties, required } = contract.params;
    expect(Object.keys(properties).slice(0, required.length)).toEqual(required);
  }
});
