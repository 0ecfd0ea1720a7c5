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

  test.each(['\u00a0', '\ufeff', '\u2028', '\u3000'])('keeps %j beside elements', (text) => {
    expect(readXml(`<a>${text}<b/></a>`).children[0]).toBe(text);
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
    ['only a comment', '<!-- a -->', 'exactly one element'],
    ['an unclosed tag', '<a><b></a>', 'not well-formed'],
    ['an end without closing tags', '<vm><memory>134', 'not well-formed: <memory> is not closed'],
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
    ['< in an attribute', '<a x="<"/>', 'not well-formed'],
    [']]> in text', '<a>]]></a>', 'not well-formed'],
    ['-- in a comment', '<a><!-- -- --></a>', 'not well-formed'],
    ['a name that is none', '<1a/>', 'not well-formed'],
    ['half a character before another', '<a>\ud800A</a>', 'U+D800'],
    ['a reference that XML 1.1 has', '<?xml version="1.1"?><a>&#1;</a>', '&#1; is not'],
    ['an & of text', '<a>a & b &amp; c</a>', '& is not an XML reference'],
    ['NUL', '<a>\0</a>', 'U+0000'],
    ['half a character', '<a>\ud800</a>', 'U+D800'],
    ['an entity of a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'not an XML reference'],
    ['nesting without end', '<a>'.repeat(5000) + '</a>'.repeat(5000), 'nested deeper than 256'],
  ])('refuses %s', (_, xml, reason) => {
    expect(() => readXml(xml)).toThrow(DomainXmlError);
    expect(() => readXml(xml)).toThrow(reason);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    'keeps the name %s, of elements and of attributes',
    (name) => {
      const xml = `<a ${name}="1"><${name}>x</${name}></a>`;
      const root = readXml(xml);
      expect(root.attributes.get(name)).toBe('1');
      expect(elementsOf(root).map((child) => [child.name, textOf(child)])).toEqual([[name, 'x']]);
    },
  );

  test.each([
    ['a DOCTYPE in a comment', '<a><!-- <!DOCTYPE b> --></a>'],
    ['a DOCTYPE in text', '<a><![CDATA[<!DOCTYPE b>]]></a>'],
    ['a long namespace', `<a xmlns:n="${'x'.repeat(5000)}"/>`],
    ['more than 1 MiB', `<a>${'x'.repeat(2 ** 21)}</a>`],
    ['elements nested as deep as libvirt reads', '<a>'.repeat(250) + '</a>'.repeat(250)],
    ['a reference with leading zeros', '<a>&#000000065;&#x00000041;</a>'],
  ])('accepts %s', (_, xml) => {
    expect(readXml(xml).name).toBe('a');
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
