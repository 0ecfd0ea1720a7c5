import { describe, expect, test } from '@jest/globals';
import { lookOf } from '../../../src/vmemctl/output/look.ts';

const terminal = { isTTY: true, columns: 100 };
const isColoured = (stream: { isTTY?: boolean }, env: Record<string, string>): boolean =>
  lookOf(stream, env).style('red', 'x') !== 'x';

describe('colour', () => {
  test.each([
    ['is used on a terminal', terminal, {}, true],
    ['is not used elsewhere', {}, {}, false],
    ['is not used with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['is used with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['is not used on a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['is used elsewhere with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
    ['is not used with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
    [
      'is used with FORCE_COLOR in spite of NO_COLOR',
      {},
      { FORCE_COLOR: '3', NO_COLOR: '1' },
      true,
    ],
  ])('%s', (_, stream, env, expected) => {
    expect(isColoured(stream, env as Record<string, string>)).toBe(expected);
  });
});

describe('characters outside of ASCII', () => {
  test.each([
    ['are used with a UTF-8 locale', { LANG: 'de_DE.UTF-8' }, true],
    ['are used with C.utf8', { LC_ALL: 'C.utf8' }, true],
    ['are not used with another LC_ALL', { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
    ['are used where LC_ALL is empty', { LC_ALL: '', LC_CTYPE: 'en_US.UTF-8' }, true],
    ['are not used without a locale', {}, false],
  ])('%s', (_, env, expected) => {
    expect(lookOf(terminal, env).unicode).toBe(expected);
  });
});

describe('the width', () => {
  test.each([
    ['is that of the terminal', terminal, 100],
    ['is 80 where the terminal does not know it', { isTTY: true, columns: 0 }, 80],
    ['is at least 20', { isTTY: true, columns: 3 }, 20],
    ['is unlimited without a terminal', { columns: 100 }, undefined],
  ])('%s', (_, stream, expected) => {
    expect(lookOf(stream, {}).columns).toBe(expected);
  });
});
