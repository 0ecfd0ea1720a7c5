import { expect, test } from '@jest/globals';
import { brief } from '../../src/common/brief.ts';

test.each([
  ['a word', 'key', 'key'],
  ['letters of any language', 'größe 値', 'größe 値'],
  ['quotes', 'say "a"', 'say \\"a\\"'],
  ['line ends and escapes', 'a\n\x1b[2J\x7f', 'a\\n\\u001b[2J\\u{7f}'],
  ['what turns the direction', 'a\u202eb', 'a\\u{202e}b'],
  ['half a character', '\ud800', '\\ud800'],
  ['80 characters', '👩'.repeat(80), '👩'.repeat(80)],
  ['more', '👩'.repeat(81), `${'👩'.repeat(80)}…`],
  ['much more', 'a'.repeat(1e6), `${'a'.repeat(80)}…`],
])('shows %s', (_, text, shown) => {
  expect(brief(text)).toBe(shown);
});
