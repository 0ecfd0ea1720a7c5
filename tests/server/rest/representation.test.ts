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

test('in XML ids and links are attributes, and lists are repeated', async () => {
  const xml = await representationOf('thing', members, 'xml');
  expect(xml.toString()).toBe(`<?xml version="1.0" encoding="UTF-8"?>
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

test('in JSON they are members', async () => {
  const json = await representationOf('thing', members, 'json');
  expect(JSON.parse(json.toString())).toEqual({
    id: 'x"y',
    size: 5,
    yes: 'true',
    at: 1000,
    inner: { item: ['a', 'b'] },
    link: [{ rel: 'r', href: '/?a&b' }],
  });
});

test('a long list is indented as every other', async () => {
  const item = Array.from({ length: 45 }, (_, index) => ({
    id: String(index),
    inner: { yes: 'true' },
  }));
  const json = await representationOf('things', { item, none: undefined, size: 1 }, 'json');
  expect(json.toString()).toBe(`${JSON.stringify({ item, size: 1 }, undefined, 2)}\n`);
});

test('an object and a list without members are written as such', async () => {
  const empty = { inner: {}, none: [] };
  const json = await representationOf('thing', empty, 'json');
  expect(JSON.parse(json.toString())).toEqual(empty);
  const xml = await representationOf('thing', empty, 'xml');
  expect(xml.toString()).toContain('<thing>\n  <inner/>\n</thing>');
  expect((await representationOf('thing', {}, 'json')).toString()).toBe('{}\n');
});

test('any text can be written, characters invalid in XML replaced', async () => {
  await assertProperty(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const members = { b: `.${text}.`, id: text };
      const valid = text.replace(
        /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu,
        '\ufffd',
      );
      const root = readXml((await representationOf('a', members, 'xml')).toString());
      expect(textAt(root, 'b')).toBe(`.${valid}.`);
      expect(root.attributes.get('id')).toBe(valid);
      const json = (await representationOf('a', members, 'json')).toString();
      expect(JSON.parse(json)).toEqual(JSON.parse(Buffer.from(JSON.stringify(members)).toString()));
    }),
  );
});
