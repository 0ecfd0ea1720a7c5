import { describe, expect, test } from '@jest/globals';
import { parseCount, parseSize } from '../../src/domain-xml/quantity.ts';

describe('a size in XML', () => {
  test.each([
    ['1', undefined, 1],
    ['0', 'GiB', 0],
    ['1024', 'b', 1],
    ['1025', 'bytes', 2],
    ['1', 'byte', 1],
    ['1024', 'KB', 1000],
    ['7', 'k', 7],
    ['7', 'KiB', 7],
    ['1', 'MB', 977],
    ['1', 'M', 1024],
    ['2', 'MiB', 2048],
    ['1', 'GB', 976563],
    ['1', 'G', 1048576],
    ['1', 'gib', 1048576],
    ['1', 'TB', 976562500],
    ['1', 'TiB', 1073741824],
    ['1', 'P', 1099511627776],
    ['1', 'EiB', 1125899906842624],
    ['7', '', 7],
    ['7', 'mib', 7168],
    ['1025', 'Bytes', 2],
    [' \n7', 'KiB', 7],
    ['+7', 'KiB', 7],
    ['007', 'KiB', 7],
  ])('%s %s is %d KiB', (text, unit, expected) => {
    expect(parseSize(text, unit, 'it')).toBe(expected);
  });

  test.each([
    ['1', 'furlong', 'unit "furlong" of it'],
    ['1', ' ', 'unit " " of it'],
    ['1', ' MiB', 'unit " MiB" of it'],
    ['1', 'MBx', 'unit "MBx" of it'],
    ['7 ', 'KiB', 'it is "7 "'],
    ['7\n', 'KiB', 'it is "7'],
    ['+-7', 'KiB', 'it is "+-7"'],
    ['5e5', 'KiB', 'it is "5e5"'],
    ['0x7', 'KiB', 'it is "0x7"'],
    ['', 'KiB', 'it is ""'],
    ['16', 'EiB', 'too large'],
    ['-1', 'KiB', 'it is "-1"'],
    ['1.5', 'KiB', 'it is "1.5"'],
    ['', undefined, 'it is ""'],
    ['9007199254740992', 'KiB', 'too large'],
    ['99999999999999999999', 'EiB', 'too large'],
  ])('"%s" in "%s" is refused', (text, unit, reason) => {
    expect(() => parseSize(text, unit, 'it')).toThrow(reason);
  });

  test('a count is a whole number of 0 or more', () => {
    expect(parseCount('16', 'it')).toBe(16);
    for (const wrong of ['', '-1', '1.0', '1e3', '0x1']) {
      expect(() => parseCount(wrong, 'it')).toThrow('give a whole number');
    }
    expect(() => parseCount('9007199254740992', 'it')).toThrow('it is too large');
  });
});
