import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readXml } from '../../../src/domain-xml/readXml.ts';
import { textAt } from '../../../src/domain-xml/element.ts';
import { representationOf } from '../../../src/server/rest/representation.ts';
import { assertProperty } from '../../support/property.ts';

const members = {
  id: 'x"y',
  size: 5,
  yes: true,
  at: new Date(1000),
  none: undefined,
  inner: { item: ['a', 'b'] },
  link: [{ rel: 'r', href: '/?a&b' }],
};

test('in XML ids and links are attributes, and lists are repeated', () => {
  expect(representationOf('thing', members, 'xml')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<thing id="x&quot;y">
  <size>5</size>
  <yes>true</yes>
  <at>1970-01-01T00:00:01.000Z</at>
  <inner>
    <item>a</item>
    <item>b</item>
  </inner>
  <link rel="r" href="/?a&amp;b"/>
</thing>
`);
});

test('in JSON they are members', () => {
  expect(JSON.parse(representationOf('thing', members, 'json'))).toEqual({
    id: 'x"y',
    size: 5,
    yes: 'true',
    at: 1000,
    inner: { item: ['a', 'b'] },
    link: [{ rel: 'r', href: '/?a&b' }],
  });
});

test('any text can be written, characters invalid in XML replaced', () => {
  assertProperty(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read =
        textAt(readXml(representationOf('a', { b: `.${text}.`, id: text }, 'xml')), 'b') ?? '';
      expect(read).toBe(
        `.${text}.`.replace(
          /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu,
          '\ufffd',
        ),
      );
    }),
  );
});
