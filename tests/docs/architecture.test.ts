import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROWS } from '../../scripts/lib/house.ts';
import { root, textOf } from './pages.ts';

interface Rule {
  readonly name: string;
  readonly to: { readonly pathNot?: readonly string[] };
}

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly Rule[];
};

const height = new Map(ROWS.flatMap((row, y) => row.map(([folder]) => [folder, y] as const)));
const sample = (folder: string): string =>
  folder === 'schema' ? 'schema/x.ts' : `src/${folder}/x.ts`;

/** Returns the folders of the picture that the rules let this one import. */
function allowed(folder: string): readonly string[] {
  const rule = forbidden.find(({ name }) => name === `floor-${folder.replace('.ts', '')}`);
  const paths = (rule?.to.pathNot ?? []).map((path) => new RegExp(path));
  return [...height.keys()].filter(
    (other) => other !== folder && paths.some((path) => path.test(sample(other))),
  );
}

test('the picture of the house has a folder below all that may import it', () => {
  const wrong = [...height].flatMap(([folder, y]) =>
    allowed(folder)
      .filter((other) => (height.get(other) ?? 0) <= y)
      .map((other) => [folder, other]),
  );
  expect(wrong).toEqual([]);
  expect(allowed('vm')).toEqual(expect.arrayContaining(['memory', 'domain-xml', 'schema']));
});

test.each(['docs/architecture.md', 'docs/decisions.md', 'CONTRIBUTING.md'])(
  'the files that %s names exist',
  (page) => {
    const named = [
      ...textOf(page).matchAll(
        /`((?:src|schema|scripts|tests|fixtures|lab|web|bench)\/[\w./-]+)`/g,
      ),
    ];
    const missing = named
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path)));
    expect(named.length).toBeGreaterThan(0);
    expect(
      missing.filter((path) => !path.includes('doSomething') && path !== 'bench/results'),
    ).toEqual([]);
  },
);

test("every command of npm that CONTRIBUTING.md names is one of the project's", () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: object };
  const named = [...textOf('CONTRIBUTING.md').matchAll(/npm run ([\w:]+)/g)].map(
    ([, name = '']) => name,
  );
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
