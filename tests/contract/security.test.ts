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

test('no package runs a script when it is installed', () => {
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});
