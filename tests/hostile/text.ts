import type { Random } from './random.ts';

/** Texts that break programs that do not expect them. */
const TROUBLE = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  'NaN',
  'null',
  'true',
  '[]',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\0',
  'a\0b',
  '\r\n',
  '\\',
  '"',
  "'",
  '<',
  '&lt;',
  ']]>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '${7*7}',
  '%s%n',
  '%00',
  '../../etc/passwd',
  '\ufeff',
  '\ufffd',
  '\ufffe',
  '\u202e',
  '\u2028',
  'İ',
  'ß',
  'ﬃ',
  '👩‍👩‍👧‍👦',
  'e\u0301',
  '\ud800',
  '\udfff\ud800',
  '18446744073709551616',
  '9007199254740993',
  '4294967296',
  '2147483648',
  '-2147483649',
  '0x10',
  '1_000',
  '١٢٣',
];

/** Returns a text, mostly short. */
export function someText(random: Random): string {
  if (random.chance(0.5)) return random.pick(TROUBLE);
  if (random.chance(0.02))
    return random.pick(['a', 'é', '👩', '\\', '"']).repeat(random.below(20_000));
  return String.fromCodePoint(...random.list(12, () => someCharacter(random)));
}

const someCharacter = (random: Random): number =>
  random.one(
    () => random.between(0x20, 0x7e),
    () => random.between(0x20, 0x7e),
    () => random.below(0x20),
    () => random.between(0x80, 0x2ff),
    () => random.between(0xd7f0, 0xe010),
    () => random.below(0x11_0000),
  );

/** Returns a number, often at an edge of what programs hold. */
export const someNumber = (random: Random): number =>
  random.one(
    () => random.below(1000),
    () =>
      random.pick([0, -0, -1, 1, 0.5, 1e21, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64]),
    () => random.between(-1, 1) + 2 ** random.below(65),
  );
