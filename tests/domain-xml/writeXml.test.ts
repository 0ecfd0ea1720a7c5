import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { element, type Element } from '../../src/domain-xml/element.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';
import { fixture } from './fixture.ts';
import { assertProperty } from '../support/property.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}(:[a-z]{1,4})?$/);
const text = fc
  .string({ unit: 'grapheme' })
  // XML itself changes these characters to a line feed and a blank.
  .filter((value) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value));
const { tree } = fc.letrec<{ tree: Element }>((tie) => ({
  tree: fc
    .record({
      name,
      attributes: fc.array(fc.tuple(name, text), { maxLength: 3 }).map((all) => new Map(all)),
      children: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text.map((value) => (value === '' ? [] : [value])),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    })
    .map((made): Element => made),
}));

describe('writing XML', () => {
  test('any document can be read back unchanged', () => {
    assertProperty(
      fc.property(tree, (root) => {
        expect(readXml(writeXml(root))).toEqual(root);
      }),
    );
  });

  test('keeps prefixes, declarations and order of attributes', () => {
    const xml = '<a xmlns:p="u" p:z="1" b="2">\n  <p:c xmlns=""/>\n  <!-- d -->\n</a>';
    expect(writeXml(readXml(xml))).toBe(xml);
  });

  test('reading and writing twice changes nothing', () => {
    const once = writeXml(readXml(fixture('live.xml')));
    expect(writeXml(readXml(once))).toBe(once);
  });

  test('line breaks in attributes and carriage returns in text are kept', () => {
    expect(writeXml(element('a', { x: '1\n\t\r"' }, '\r\n<]]>'))).toBe(
      '<a x="1&#10;&#9;&#13;&quot;">&#13;\n&lt;]]&gt;</a>',
    );
  });

  test.each([
    ['NUL in text', element('a', {}, 'b\0')],
    ['a control character in an attribute', element('a', { x: '\x1b' })],
    ['two hyphens in a comment', element('a', {}, { comment: 'a -- b' })],
    ['a hyphen at the end of a comment', element('a', {}, { comment: 'a -' })],
    ['half a character', element('a', {}, '\udc00')],
  ])('refuses %s', (_, root) => {
    expect(() => writeXml(root)).toThrow(DomainXmlError);
  });
});
