import { expect, test } from '@jest/globals';
import { checkedName, checkedUuid } from '../../src/domain-xml/identifiers.ts';

test('a name may contain anything but control characters and slashes', () => {
  expect(checkedName('Ünïcode & <tags> 東京 🐧')).toBe('Ünïcode & <tags> 東京 🐧');
  for (const wrong of ['a\0', 'a\n', '\x7f', '\x85', 'a/b', '\ud800']) {
    expect(() => checkedName(wrong)).toThrow('control character or "/"');
  }
});

test('a name is not empty, and fits in a file name', () => {
  for (const empty of ['', ' ', '\u3000']) expect(() => checkedName(empty)).toThrow('empty');
  expect(checkedName('a'.repeat(251))).toHaveLength(251);
  expect(checkedName('é'.repeat(125))).toHaveLength(125);
  expect(() => checkedName('é'.repeat(126))).toThrow('251 bytes');
});

test('a name is none of a folder', () => {
  for (const folder of ['.', '..']) expect(() => checkedName(folder)).toThrow('names a folder');
  for (const name of ['...', '.a', 'a.', '..a']) expect(checkedName(name)).toBe(name);
});

test('a UUID is returned in lower case with hyphens', () => {
  expect(checkedUuid('6E2A1B0C-0000-4000-8000-00000000000F')).toBe(
    '6e2a1b0c-0000-4000-8000-00000000000f',
  );
  expect(() => checkedUuid('6e2a1b0c')).toThrow('"6e2a1b0c" is not a UUID');
});
