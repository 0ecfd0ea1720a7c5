import { expect, test } from '@jest/globals';
import { configuration } from '../../schema/config.ts';
import { documents, textOf } from './pages.ts';

const known: Readonly<Record<string, object>> = configuration;
const sections = Object.keys(known).join('|');
const SETTING = new RegExp(`(?<=\`)\\[(${sections})\\] ([a-z_]+)(?=\`| =)`, 'g');

test('the settings that the documents name exist', () => {
  const named = documents.flatMap((name) =>
    [...textOf(name).matchAll(SETTING)].map(([text, section = '', key = '']) => ({
      name,
      text,
      exists: key in (known[section] ?? {}),
    })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ exists }) => !exists)).toEqual([]);
});
