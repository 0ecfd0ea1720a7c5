import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/server/stomp/stompErrors.ts';
import { encodeFrame, escape, unescape } from '../../../src/server/stomp/frame.ts';
import { assertProperty } from '../../support/property.ts';

test('a frame with a body has its content-length in bytes', () => {
  expect(encodeFrame('MESSAGE', { a: 'b' }, 'ü')).toBe('MESSAGE\na:b\ncontent-length:2\n\nü\0');
  expect(encodeFrame('ERROR', {}, '')).toBe('ERROR\ncontent-length:0\n\n\0');
});

test('a frame without a body has no content-length', () => {
  expect(encodeFrame('RECEIPT', { 'receipt-id': 'x' })).toBe('RECEIPT\nreceipt-id:x\n\n\0');
});

test('names and values of headers are escaped', () => {
  expect(encodeFrame('X', { 'a:b': 'c\\d\r\n' })).toBe('X\na\\cb:c\\\\d\\r\\n\n\n\0');
});

test.each([
  ['\\', '\\\\'],
  ['\r', '\\r'],
  ['\n', '\\n'],
  [':', '\\c'],
])('%j is escaped as %j, and read back', (text, escaped) => {
  expect(escape(text)).toBe(escaped);
  expect(unescape(escaped)).toBe(text);
  expect(unescape(`a${escaped}b${escaped}`)).toBe(`a${text}b${text}`);
});

test('the headers of CONNECTED are not escaped', () => {
  expect(encodeFrame('CONNECTED', { server: 'a:b\\c' })).toBe('CONNECTED\nserver:a:b\\c\n\n\0');
});

test('unescaping reverses escaping', () => {
  assertProperty(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(escape(text)).not.toMatch(/[\r\n:]/);
      expect(unescape(escape(text))).toBe(text);
    }),
  );
});

test.each(['\\t', 'a\\', '\\\\\\', '\\\n'])('%j is an invalid escape', (text) => {
  expect(() => unescape(text)).toThrow(ProtocolError);
});
