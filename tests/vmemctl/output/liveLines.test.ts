import { expect, test } from '@jest/globals';
import { LiveLines } from '../../../src/vmemctl/output/liveLines.ts';

function open(isTTY: boolean) {
  const written: string[] = [];
  return { written, lines: new LiveLines({ isTTY, write: (text) => written.push(text) }) };
}

test('lines on a terminal replace those before', () => {
  const { written, lines } = open(true);
  lines.show(['one', 'two']);
  lines.show(['one', 'three']);
  lines.clear();
  expect(written).toEqual(['one\ntwo\n', '\x1b[2A\x1b[Jone\nthree\n', '\x1b[2A\x1b[J']);
});

test('the same lines are not written again', () => {
  const { written, lines } = open(true);
  lines.show(['one']);
  lines.show(['one']);
  expect(written).toEqual(['one\n']);
});

test('a line that stays goes above them', () => {
  const { written, lines } = open(true);
  lines.show(['50 %']);
  lines.tell('done');
  expect(written).toEqual(['50 %\n', '\x1b[1A\x1b[Jdone\n', '50 %\n']);
});

test('off a terminal only what stays is written', () => {
  const { written, lines } = open(false);
  lines.show(['50 %']);
  lines.tell('done');
  lines.clear();
  expect(written.join('')).toBe('done\n');
});
