import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }));

const starting = sources.filter(({ text }) => text.includes('node:child_process'));

test('no shell is run', () => {
  const shells = starting.filter(({ text }) =>
    /\bshell\s*:|import \{[^}]*\bexec(Sync)?\b[^}]*\} from 'node:child_process'/.test(text),
  );
  expect(shells.map(({ name }) => name)).toEqual([]);
});

test('only these files start a program', () => {
  const names = starting.map(({ name }) => name).sort();
  expect(names).toEqual([
    'cli/pki.ts',
    'cli/serviceManager.ts',
    'service/ownership.ts',
    'vmemctl/doctor/machine.ts',
  ]);
});

test('every package in the lock has its integrity', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { integrity?: string }>>;
  };
  const loose = Object.entries(lock.packages).filter(
    ([name, { integrity = '' }]) => name !== '' && !integrity.startsWith('sha512-'),
  );
  expect(loose.map(([name]) => name)).toEqual([]);
});

test('what the project runs and advises to install packages lets them run no scripts', () => {
  const documents = ['.', 'docs'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => join(folder, name)),
  );
  const commands = [...documents, '.ci/run', 'docker/Dockerfile'].flatMap((name) => {
    const lines = readFileSync(join(root, name), 'utf8').split('\n');
    return lines.filter((line) => /\bnpm ci\b/.test(line)).map((line) => `${name}: ${line}`);
  });
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((line) => !line.includes('npm ci --ignore-scripts'))).toEqual([]);
  expect(readFileSync(join(root, 'scripts/lib/setup.mjs'), 'utf8')).toContain("'--ignore-scripts'");
});
