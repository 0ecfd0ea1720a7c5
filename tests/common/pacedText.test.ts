import { expect, test } from '@jest/globals';
import { pacedText } from '../../src/common/pacedText.ts';
import { hold, turnsDuring } from '../support/turnsDuring.ts';

test('joins pieces in UTF-8', async () => {
  expect((await pacedText([])).toString()).toBe('');
  expect((await pacedText(['größe ', '', '\u{1f980}'])).toString()).toBe('größe \u{1f980}');
});

test('joins more pieces than it keeps as text', async () => {
  const pieces = Array.from({ length: 5000 }, (_, index) => `größe ${String(index)}\n`);
  expect((await pacedText(pieces)).toString()).toBe(pieces.join(''));
});

test('lets other work have its turn while a long text is made', async () => {
  const { result: text, turns } = await turnsDuring(() => pacedText(slowly(20)));
  expect(text.toString()).toBe('x'.repeat(20));
  // each piece takes longer than the loop may be held
  expect(turns).toBeGreaterThanOrEqual(20);
});

function* slowly(count: number): Iterable<string> {
  for (let piece = 0; piece < count; piece++) {
    hold();
    yield 'x';
  }
}
