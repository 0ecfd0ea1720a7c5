import { describe, expect, test } from '@jest/globals';
import { parseIni } from '../../src/config/ini.ts';

describe('parseIni', () => {
  test('returns every entry with its section and line', () => {
    expect(parseIni('# words\n[a]\nx = 1\n\n; more\n[b c]\r\ny=two words \r\n').entries).toEqual([
      { section: 'a', key: 'x', value: '1', line: 3 },
      { section: 'b c', key: 'y', value: 'two words', line: 7 },
    ]);
  });

  test('keeps every character of a value', () => {
    const value = 'qemu:///system?socket=/run/a#b;c "d" \\e';
    expect(parseIni(`[libvirt]\nuri = ${value}`).entries[0]?.value).toBe(value);
  });

  test('reads an empty value, and a last line without a line end', () => {
    expect(parseIni('\uFEFF[a]\nx =').entries.map(({ value }) => value)).toEqual(['']);
  });

  test.each([
    ['[a]\nkey: value', 2, '"key = value"'],
    ['[a]\n= 1', 2, '"key = value"'],
    ['[a\nx = 1', 1, '"[section]"'],
    ['[]', 1, '"[section]"'],
    ['x = 1', 1, 'a [section] first'],
  ])('reports the mistake in %j with its line', (text, line, expected) => {
    const [first] = parseIni(text).mistakes;
    expect(first).toEqual({ line, message: expect.stringContaining(expected) as unknown });
  });

  test('continues after a mistake', () => {
    const { entries, mistakes } = parseIni('[a]\nwhat\nx = 1\nwhy');
    expect(mistakes.map(({ line }) => line)).toEqual([2, 4]);
    expect(entries).toEqual([{ section: 'a', key: 'x', value: '1', line: 3 }]);
  });
});
