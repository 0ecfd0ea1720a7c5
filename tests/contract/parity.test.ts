import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configuration } from '../../schema/config.ts';
import { errors } from '../../src/common/errors.ts';
import { version } from '../../src/common/version.ts';
import type { Key } from '../../src/config/value.ts';
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

test('every contract says since which version of vmemd it is served, and how stable it is', async () => {
  const current = version();
  for (const [name, { contract }] of await loadVerbs()) {
    const { since, stability } = contract;
    expect({ name, since, stability }).toEqual({
      name,
      since: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      stability: expect.stringMatching(/^(stable|evolving|experimental)$/),
    });
    const isLater = since.localeCompare(current, 'en', { numeric: true }) > 0;
    expect({ name, isLater }).toEqual({ name, isLater: false });
  }
});

test('every verb that changes a setting of the configuration exists', async () => {
  const verbs = await loadVerbs();
  const keys: readonly Key[] = Object.values(configuration).flatMap((section) =>
    Object.values(section as Readonly<Record<string, Key>>),
  );
  const named = keys.flatMap(({ change = '' }) => change.match(/\b(Host|VM)\.\w+/g) ?? []);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !verbs.has(name))).toEqual([]);
});
