import { describe, expect, test } from '@jest/globals';
import { IniError, parseIni } from '../../src/config/ini.ts';

describe('parseIni', () => {
  test('answers every entry with its section and line', () => {
    expect(parseIni('# words\n[a]\nx = 1\n\n; more\n[b c]\r\ny=two words \r\n')).toEqual([
      { section: 'a', key: 'x', value: '1', line: 3 },
      { section: 'b c', key: 'y', value: 'two words', line: 7 },
    ]);
  });

  test('takes a value as it stands, whatever it has in it', () => {
    const value = 'qemu:///system?socket=/run/a#b;c "d" \\e';
    expect(parseIni(`[libvirt]\nuri = ${value}`)[0]?.value).toBe(value);
  });

  test('keeps an empty value and the last line without an end', () => {
    expect(parseIni('\uFEFF[a]\nx =').map(({ value }) => value)).toEqual(['']);
  });

  test.each([
    ['[a]\nkey: value', 2, '"key = value"'],
    ['[a]\n= 1', 2, '"key = value"'],
    ['[a\nx = 1', 1, '"[section]"'],
    ['[]', 1, '"[section]"'],
    ['x = 1', 1, 'a [section] first'],
  ])('refuses %j and says where', (text, line, expected) => {
    const refusal = catching(() => parseIni(text));
    expect(refusal).toBeInstanceOf(IniError);
    expect(refusal).toMatchObject({ line, message: expect.stringContaining(expected) as unknown });
  });
});

function catching(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
