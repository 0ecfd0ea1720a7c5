import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Connection, Domain, Host } from '../../src/libvirt/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/libvirt-client.md'), 'utf8');

/** The words in code of the row that begins with `title`. */
const row = (title: string): string[] => {
  const line = page.split('\n').find((each) => each.startsWith(`| ${title} |`)) ?? '';
  return [...line.slice(title.length + 3).matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
};

const callsOf = ({ prototype }: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

test('the page names each call of each object', () => {
  expect(row('`Connection`').sort()).toEqual(['Connection.open', ...callsOf(Connection)].sort());
  const host = [...row('`Connection`, on the host'), ...row('`Connection`, on domains')];
  expect(host.sort()).toEqual(callsOf(Host).sort());
  expect(row('`Domain`').sort()).toEqual(callsOf(Domain).sort());
});
