import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { elementsOf, textOf } from '../../src/domain-xml/element.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { assertProperty } from '../support/property.ts';

describe('reading XML', () => {
  test('decodes references once, in text and in attributes', () => {
    const root = readXml('<a x="1&#10;&lt;&amp;lt;">&#x41;&#66; &amp;amp; &quot;&apos;&gt;</a>');
    expect(root.attributes.get('x')).toBe('1\n<&lt;');
    expect(textOf(root)).toBe(`AB &amp; "'>`);
  });

  test('reads CDATA as text', () => {
    expect(readXml('<a>x<![CDATA[<b>&amp;]]>y</a>').children).toEqual(['x<b>&amp;y']);
  });

  test('keeps comments, and drops only blanks between elements', () => {
    const root = readXml('<a>\n  <b> </b>\n  <!-- why -->\n</a>');
    expect(root.children).toHaveLength(2);
    expect(root.children[1]).toEqual({ comment: ' why ' });
    expect(elementsOf(root).map(textOf)).toEqual([' ']);
  });

  test('reads a line break in an attribute as a blank, as XML requires', () => {
    expect(readXml('<a x="1\n2"/>').attributes.get('x')).toBe('1 2');
  });

  test('ignores a declaration, a byte order mark and processing instructions', () => {
    expect(readXml('\ufeff<?xml version="1.0"?><?x y?><a/>').name).toBe('a');
  });

  test.each([
    ['nothing', '', 'exactly one element'],
    ['two roots', '<a/><b/>', 'exactly one element'],
    ['only a comment', '<!-- a -->', 'not well-formed'],
    ['an unclosed tag', '<a><b></a>', 'not well-formed'],
    ['an attribute twice', '<a x="1" x="2"/>', 'not well-formed'],
    ['text that is no XML', '{"a": 1}', 'not well-formed'],
    ['an unknown entity', '<a>&nbsp;</a>', '&nbsp; is not an XML reference'],
    [
      'a name of Object.prototype as entity',
      '<a>&constructor;</a>',
      '&constructor; is not an XML reference',
    ],
    ['a reference to NUL', '<a>&#0;</a>', '&#0; is not an XML reference'],
    ['a reference to half a character', '<a>&#xD800;</a>', '&#xD800; is not an XML reference'],
    ['a reference beyond Unicode', '<a>&#x110000;</a>', '&#x110000; is not an XML reference'],
    ['a reference that does not end', '<a x="&amp"/>', '&amp is not an XML reference'],
    ['NUL', '<a>\0</a>', 'U+0000'],
    ['half a character', '<a>\ud800</a>', 'U+D800'],
    [
      'a namespace that would be copied too often',
      `<a xmlns:n="${'x'.repeat(257)}"/>`,
      'xmlns:n is longer than 256 characters',
    ],
    ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'DOCTYPE'],
    ['a prototype as element', '<__proto__/>', 'not well-formed'],
    ['nesting without end', '<a>'.repeat(5000) + '</a>'.repeat(5000), 'not well-formed'],
  ])('refuses %s', (_, xml, reason) => {
    expect(() => readXml(xml)).toThrow(DomainXmlError);
    expect(() => readXml(xml)).toThrow(reason);
  });

  test('refuses more than 1 MiB, counted in bytes', () => {
    const size = 1024 * 1024;
    expect(readXml(`<a>${'x'.repeat(size - 7)}</a>`).name).toBe('a');
    expect(() => readXml(`<a>${'x'.repeat(size - 6)}</a>`)).toThrow('larger than 1 MiB');
    expect(() => readXml(`<a>${'é'.repeat(size / 2)}</a>`)).toThrow('larger than 1 MiB');
  });

  test('throws only DomainXmlError, for any text', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      ' x="',
      '"',
      '&',
      '&amp;',
      '<!--',
      '-->',
      '\0',
    );
    const xmlLike = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary' })))
      .map((p) => p.join(''));
    assertProperty(
      fc.property(xmlLike, (text) => {
        try {
          readXml(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainXmlError);
        }
      }),
    );
  });
});
